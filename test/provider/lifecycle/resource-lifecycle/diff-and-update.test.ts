import { expect } from "chai";
import { SENTINEL } from "../../../../provider/lifecycle/inputs";
import type { Properties } from "../../../../provider/lifecycle/lifecycle";
import { Stack, urnOf } from "../stack";
import { CENTOS, golden, rejects, TEAM, UBUNTU } from "./golden";

describe("a change of a resource", () => {
  let stack: Stack;
  beforeEach(async () => {
    stack = await Stack.create(TEAM);
  });
  afterEach(() => stack.destroy());

  describe("update", () => {
    it("changes an image's settings in place, and takes back those that aren't stated any more", async () => {
      const id = await golden(stack, {
        description: "ours",
        tags: { a: "b" },
        minRam: 512,
        sriovDriver: true,
      });
      const args = { instanceId: stack.state("builder").id };
      expect(await stack.up("PrivateImage", "golden", { ...args, name: "renamed" })).to.equal("update");
      expect(stack.state("golden").id).to.equal(id);
      expect(stack.state("golden").outputs).to.deep.include({
        name: "renamed",
        description: "",
        tags: {},
        sriovDriver: false,
      });
      expect(stack.state("golden").outputs).not.to.have.property("minRam");
    });

    it("rebuilds an instance in place with another image", async () => {
      await stack.up("Instance", "web", { imageId: UBUNTU, systemDisk: { type: "localDisk" } });
      const { id } = stack.state("web");
      expect(
        await stack.up("Instance", "web", { imageId: CENTOS, systemDisk: { type: "localDisk" } }),
      ).to.equal("update");
      expect(stack.state("web").id).to.equal(id);
      expect(stack.state("web").outputs).to.deep.include({ imageId: CENTOS, osName: "CentOS" });
    });

    it("records a changed onDelete, which delete finds in the outputs", async () => {
      await golden(stack);
      const args = { instanceId: stack.state("builder").id, onDelete: "retain" };
      expect(await stack.up("PrivateImage", "golden", args)).to.equal("update");
      expect(stack.state("golden").outputs.onDelete).to.equal("retain");
    });
  });

  describe("diff", () => {
    const replacing: [string, (id: string) => Properties, string[]][] = [
      ["another source", () => ({ instanceId: "i-other" }), ["instanceId"]],
      ["a source that isn't known yet", () => ({ instanceId: SENTINEL }), ["instanceId"]],
      ["another account", (instanceId) => ({ instanceId, account: "web" }), ["account"]],
    ];
    for (const [title, args, replaces] of replacing) {
      it(`replaces an image for ${title}`, async () => {
        await golden(stack);
        const { id, outputs } = stack.state("golden");
        const { inputs } = await stack.check("PrivateImage", "golden", args(stack.state("builder").id));
        expect(stack.lifecycle("PrivateImage").diff(id, outputs, inputs)).to.deep.equal({
          changes: true,
          replaces,
          deleteBeforeReplace: false,
        });
      });
    }

    it("rebuilds an instance whose image isn't known yet, since it is being replaced", async () => {
      await stack.up("Instance", "web", { imageId: UBUNTU, systemDisk: { type: "localDisk" } });
      const { id, outputs } = stack.state("web");
      const { inputs } = await stack.check("Instance", "web", {
        imageId: SENTINEL,
        systemDisk: { type: "localDisk" },
      });
      expect(stack.lifecycle("Instance").diff(id, outputs, inputs)).to.deep.include({
        changes: true,
        replaces: [],
      });
    });

    it("says deleteBeforeReplace where the program does", async () => {
      await golden(stack);
      const { id, outputs } = stack.state("golden");
      const { inputs } = await stack.check("PrivateImage", "golden", {
        instanceId: SENTINEL,
        deleteBeforeReplace: true,
      });
      expect(stack.lifecycle("PrivateImage").diff(id, outputs, inputs).deleteBeforeReplace).to.equal(true);
    });

    it("passes over what only helps to find things again: URNs, tokens, the option deleteBeforeReplace", async () => {
      await golden(stack);
      expect(
        await stack.up("PrivateImage", "golden", {
          instanceId: stack.state("builder").id,
          instanceDeclaredBy: urnOf("Instance", "builder"),
          declaredBy: urnOf("PrivateImage", "renamed-by-an-alias"),
          name: "golden",
          deleteBeforeReplace: true,
        }),
      ).to.equal("same");
    });
  });

  it("isn't made by timeouts, which are judged of what stands too", async () => {
    await golden(stack, { timeouts: { create: "1h" } });
    const instanceId = stack.state("builder").id;
    for (const timeouts of [{ create: "2h" }, undefined]) {
      expect(await stack.up("PrivateImage", "golden", { instanceId, timeouts })).to.equal("same");
    }
    const { violations } = await stack.check("PrivateImage", "golden", {
      instanceId,
      timeouts: { create: "0s" },
    });
    expect(violations.map(({ property }) => property)).to.deep.equal(["timeouts.create"]);
  });

  describe("with adoptId", () => {
    it("takes over an image that stands, as it is, and keeps it when adoptId is dropped", async () => {
      const id = await golden(stack, { description: "ours", name: "golden", onDelete: "retain" });
      await stack.lifecycle("PrivateImage").delete(id, stack.state("golden").outputs);
      stack.states.delete("golden");
      stack.newRun();
      expect(await stack.up("PrivateImage", "golden", { adoptId: id })).to.equal("create");
      expect(stack.state("golden")).to.have.property("id", id);
      expect(stack.state("golden").outputs).to.deep.include({ description: "ours" });
      stack.newRun();
      expect(await stack.up("PrivateImage", "golden", { adoptId: id })).to.equal("same");
      expect(
        await stack.up("PrivateImage", "golden", {
          instanceId: stack.state("builder").id,
          description: "ours",
        }),
      ).to.equal("same");
    });
  });

  it("is found again where it was made and its state got lost", async () => {
    await golden(stack);
    const { id, inputs, outputs } = stack.state("golden");
    await stack.lifecycle("PrivateImage").update(id, outputs, { ...inputs, description: "ours" });
    // The run died before its state was written.
    stack.newRun();
    const args = { instanceId: stack.state("builder").id, description: "ours" };
    expect(await stack.up("PrivateImage", "golden", args)).to.equal("update");
    expect(await stack.up("PrivateImage", "golden", args)).to.equal("same");
  });

  it("that failed half-way is reported with what stands", async () => {
    const lifecycle = stack.lifecycle("PrivateImage");
    const id = await golden(stack);
    const { inputs, outputs } = stack.state("golden");
    await lifecycle.update(id, outputs, { ...inputs, description: "changed elsewhere" });
    const error = await rejects(
      lifecycle.update(id, outputs, { ...inputs, name: " bad " }),
      /can't be a name/,
    );
    expect(error).to.have.nested.property("properties.description", "changed elsewhere");
    expect(error).to.have.property("id", id);
  });
});
