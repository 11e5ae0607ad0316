import { expect } from "chai";
import { SENTINEL } from "../../../../provider/lifecycle/inputs";
import { Stack, urnOf } from "../stack";
import { golden, TEAM, UBUNTU } from "./golden";

describe("the check of a resource", () => {
  let stack: Stack;
  beforeEach(async () => {
    stack = await Stack.create(TEAM);
  });
  afterEach(() => stack.destroy());

  it("adds every fact that is known, so that later resources of a preview see them", async () => {
    const { inputs: builder } = await stack.check("Instance", "builder", {
      imageId: UBUNTU,
      systemDisk: { type: "cloudDisk" },
    });
    expect(builder).to.deep.include({
      name: "builder",
      region: "local",
      account: "default",
      architecture: "cloudDisk",
      systemDisk: { type: "cloudDisk", size: 20 },
      osType: "linux",
    });
    const { inputs: image, violations } = await stack.check("PrivateImage", "golden", {
      instanceId: SENTINEL,
      instanceDeclaredBy: urnOf("Instance", "builder"),
    });
    expect(violations).to.deep.equal([]);
    expect(image).to.deep.include({ instanceId: SENTINEL, architecture: "cloudDisk", minDisk: 20 });
  });

  it("leaves out facts that aren't known yet", async () => {
    const { inputs, violations } = await stack.check("PrivateImage", "golden", { instanceId: SENTINEL });
    expect(violations).to.deep.equal([]);
    expect(inputs).not.to.have.any.keys("architecture", "minDisk", "osType");
  });

  it("gives a new resource a token of its own, and an old one the token that it has", async () => {
    const first = await stack.check("PrivateImage", "golden", { instanceId: SENTINEL });
    const second = await stack.check("PrivateImage", "golden", { instanceId: SENTINEL });
    expect(first.inputs.creationToken).not.to.equal(second.inputs.creationToken);
    await golden(stack);
    const again = await stack.check("PrivateImage", "golden", { instanceId: stack.state("builder").id });
    expect(again.inputs.creationToken).to.equal(stack.state("golden").inputs.creationToken);
  });

  it("judges the parts of an argument of which another part is wrong", async () => {
    const { violations } = await stack.check("Instance", "vm", {
      imageId: UBUNTU,
      systemDisk: { type: "SSD", size: 900 },
    });
    expect(violations.map(({ property }) => property)).to.have.members([
      "systemDisk.type",
      "systemDisk.size",
    ]);
  });

  it("reports everything wrong with a resource at once, types and rules alike", async () => {
    const { violations } = await stack.check("PrivateImage", "golden", {
      instanceId: "i-nowhere",
      name: " padded ",
      minDisk: "large",
      onDelete: "maybe",
      tgas: { a: "b" },
      tags: { team: 7 },
    });
    expect(violations.map(({ property }) => property)).to.have.members([
      "instanceId",
      "name",
      "minDisk",
      "onDelete",
      "tgas",
      "tags.team",
    ]);
    expect(violations.find(({ property }) => property === "tgas")?.reason).to.equal(
      "PrivateImage has no argument tgas. Did you mean tags?",
    );
  });

  it("tells a stated architecture from an inherited one, in later runs too", async () => {
    await golden(stack);
    const args = { instanceId: stack.state("builder").id };
    stack.newRun();
    expect((await stack.check("PrivateImage", "golden", args)).violations).to.deep.equal([]);
    const stated = await stack.check("PrivateImage", "golden", { ...args, architecture: "cloudDisk" });
    expect(stated.violations.map(({ property }) => property)).to.deep.equal(["architecture"]);
    expect(await stack.up("PrivateImage", "golden", { ...args, architecture: "localDisk" })).to.equal("same");
  });

  it("refuses both spellings of one argument, and IDs of resources of another class", async () => {
    const { violations: both } = await stack.check("ImageShare", "share", {
      image: "img-1",
      imageId: UBUNTU,
      memberId: "web",
    });
    expect(both).to.deep.equal([
      { property: "imageId", reason: "image and imageId say the same thing. State one of them." },
    ]);
    const { violations: another } = await stack.check("ImageShare", "share", {
      imageId: SENTINEL,
      imageDeclaredBy: urnOf("Instance", "builder"),
      memberId: "web",
    });
    expect(another.map(({ reason }) => reason)).to.deep.equal([
      "It takes the ID of a PrivateImage, an ImageConversion or an ImageReplica, and builder is an Instance. Name another resource.",
    ]);
  });

  it("treats null as not given", async () => {
    const { inputs, violations } = await stack.check("Volume", "data", {
      size: 10,
      tags: null,
      imageId: null,
    });
    expect(violations).to.deep.equal([]);
    expect(inputs).not.to.have.any.keys("tags", "imageId");
  });

  it("refuses timeouts that are no durations, or of an operation that takes no time", async () => {
    const { violations } = await stack.check("PrivateImage", "golden", {
      instanceId: SENTINEL,
      timeouts: { create: "soon", update: "5m" },
    });
    expect(violations.map(({ property }) => property)).to.have.members([
      "timeouts.create",
      "timeouts.update",
    ]);
  });
});
