import { expect } from "chai";
import { Stack } from "../stack";
import { golden, rejects, TEAM, UBUNTU } from "./golden";

describe("the lifecycle of a resource", () => {
  let stack: Stack;
  beforeEach(async () => {
    stack = await Stack.create(TEAM);
  });
  afterEach(() => stack.destroy());

  describe("read", () => {
    it("says that a resource is gone where it is, and nothing else does", async () => {
      const id = await golden(stack);
      const { outputs } = stack.state("golden");
      const lifecycle = stack.lifecycle("PrivateImage");
      expect(await stack.read("PrivateImage", id, outputs)).to.have.property("id", id);
      await lifecycle.delete(id, outputs);
      expect(await stack.read("PrivateImage", id, outputs)).to.equal(undefined);
    });

    it("shows what was changed outside of the program, and the next run puts it right", async () => {
      const id = await golden(stack);
      const { inputs, outputs } = stack.state("golden");
      const lifecycle = stack.lifecycle("PrivateImage");
      await lifecycle.update(id, outputs, { ...inputs, name: "changed-elsewhere" });
      stack.newRun();
      const read = (await stack.read("PrivateImage", id, outputs))!;
      expect(read.outputs.name).to.equal("changed-elsewhere");
      stack.states.set("golden", { ...read });
      expect(await stack.up("PrivateImage", "golden", { instanceId: stack.state("builder").id })).to.equal(
        "update",
      );
      expect(stack.state("golden").outputs.name).to.equal("golden");
    });

    it("gets an image of another program by its ID", async () => {
      const id = await golden(stack);
      stack.newRun();
      const read = await stack.read("PrivateImage", id, { __provider: "text" });
      expect(read?.outputs).to.deep.include({ name: "golden", architecture: "localDisk" });
    });

    it("fails to get what doesn't exist, or is no private image", async () => {
      await rejects(
        stack.read("PrivateImage", "img-nowhere", {}),
        /no image img-nowhere that account default sees in region local/,
      );
      await rejects(stack.read("PrivateImage", UBUNTU, {}), /offered to every account.*getImage/);
    });
  });

  describe("delete", () => {
    it("succeeds for what is gone already", async () => {
      const id = await golden(stack);
      const { outputs } = stack.state("golden");
      await stack.lifecycle("PrivateImage").delete(id, outputs);
      await stack.lifecycle("PrivateImage").delete(id, outputs);
    });

    it("leaves standing what another resource has taken over since", async () => {
      const id = await golden(stack, { onDelete: "retain" });
      const { outputs } = stack.state("golden");
      await stack.lifecycle("PrivateImage").delete(id, outputs);
      stack.newRun();
      await stack.up("PrivateImage", "heir", { adoptId: id });
      await stack.lifecycle("PrivateImage").delete(id, { ...outputs, onDelete: "refuse" });
      stack.newRun();
      expect(await stack.read("PrivateImage", id, stack.state("heir").outputs)).to.have.property("id", id);
    });

    it("refuses an image with members, unless the program settled it in advance", async () => {
      const id = await golden(stack);
      await stack.up("ImageShare", "share", { imageId: id, memberId: "web" });
      const { outputs } = stack.state("golden");
      await rejects(stack.lifecycle("PrivateImage").delete(id, outputs), /web/);
      await stack.lifecycle("PrivateImage").delete(id, { ...outputs, onDelete: "unshare" });
      const share = stack.state("share");
      expect(await stack.read("ImageShare", share.id, share.outputs)).to.equal(undefined);
    });
  });
});
