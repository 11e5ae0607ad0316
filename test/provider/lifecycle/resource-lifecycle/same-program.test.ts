import { join } from "node:path";
import { expect } from "chai";
import type { Properties } from "../../../../provider/lifecycle/lifecycle";
import { Stack } from "../stack";
import type { Class } from "../stack";
import { LOCAL, TEAM, UBUNTU } from "./golden";

describe("a run with the same program", () => {
  let stack: Stack;
  beforeEach(async () => {
    stack = await Stack.create(TEAM);
  });
  afterEach(() => stack.destroy());

  it("changes nothing, for every kind of resource", async () => {
    const run = async () => {
      const done = [
        await stack.up("Instance", "builder", { imageId: UBUNTU, systemDisk: { type: "localDisk" } }),
        await stack.up("PrivateImage", "golden", {
          instanceId: stack.state("builder").id,
          tags: { a: "b" },
        }),
        await stack.up("ImageConversion", "cloud", { imageId: stack.state("golden").id }),
        await stack.up("ImageShare", "share", { imageId: stack.state("golden").id, memberId: "web" }),
        await stack.up("Volume", "data", { size: 10 }),
        await stack.up("Instance", "web", {
          imageId: stack.state("cloud").id,
          systemDisk: { type: "cloudDisk" },
          dataDisks: [{ size: 5 }],
        }),
        await stack.up("PrivateImage", "of-device", {
          instanceId: stack.state("web").id,
          imageType: "data",
          device: "/dev/vdb",
        }),
        await stack.up("ImageReplica", "replica", { imageId: stack.state("cloud").id }),
        await stack.up("ImageExport", "export", {
          imageId: stack.state("of-device").id,
          bucketUrl: join(stack.folder, "exports"),
          fileFormat: "raw",
        }),
      ];
      stack.newRun();
      return done;
    };
    expect(await run()).to.deep.equal(new Array(9).fill("create"));
    const before = JSON.stringify([...stack.states]);
    expect(await run()).to.deep.equal(new Array(9).fill("same"));
    expect(JSON.stringify([...stack.states])).to.equal(before);
  });

  it("changes nothing after a refresh either, for every kind of resource", async () => {
    const program: [Class, string, () => Properties][] = [
      ["Instance", "builder", () => ({ imageId: UBUNTU, systemDisk: LOCAL })],
      ["PrivateImage", "golden", () => ({ instanceId: stack.state("builder").id, description: "ours" })],
      ["ImageConversion", "cloud", () => ({ imageId: stack.state("golden").id, minRam: 512 })],
      ["ImageShare", "share", () => ({ imageId: stack.state("golden").id, memberId: "web" })],
      ["Volume", "data", () => ({ size: 1, tags: { a: "b" } })],
      ["PrivateImage", "of-volume", () => ({ volumeId: stack.state("data").id, imageType: "data" })],
      ["ImageReplica", "replica", () => ({ imageId: stack.state("golden").id, name: "copy" })],
      [
        "ImageExport",
        "export",
        () => ({
          imageId: stack.state("of-volume").id,
          bucketUrl: join(stack.folder, "exports"),
          fileFormat: "raw",
          deleteObjects: true,
        }),
      ],
    ];
    for (const [type, name, args] of program) await stack.up(type, name, args());
    stack.newRun();
    for (const [type, name] of program) {
      const { id, inputs, outputs } = stack.state(name);
      const read = await stack.read(type, id, outputs);
      expect(read).to.deep.equal({ id, inputs, outputs });
      stack.states.set(name, read!);
    }
    for (const [type, name, args] of program) {
      expect(await stack.up(type, name, args()), name).to.equal("same");
    }
  });
});
