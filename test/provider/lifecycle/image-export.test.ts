import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { Stack } from "./stack";

describe("the lifecycle of an export", () => {
  let stack: Stack;
  let folder: string;
  beforeEach(async () => {
    stack = await Stack.create();
    folder = join(stack.folder, "exports");
    await stack.up("Volume", "disk", { size: 1 });
    await stack.up("PrivateImage", "data", { volumeId: stack.state("disk").id });
  });
  afterEach(() => stack.destroy());

  async function exported(args = {}): Promise<string> {
    const imageId = stack.state("data").id;
    await stack.up("ImageExport", "export", { imageId, bucketUrl: folder, fileFormat: "raw", ...args });
    return stack.state("export").id;
  }
  const lifecycle = () => stack.lifecycle("ImageExport");

  it("leaves its objects where the program doesn't say deleteObjects, and takes them with it where it does", async () => {
    const id = await exported();
    const { outputs } = stack.state("export");
    await lifecycle().delete(id, outputs);
    expect(await readdir(folder)).to.have.lengthOf(1);
    stack.states.delete("export");
    stack.newRun();
    const again = await exported({ deleteObjects: true });
    await lifecycle().delete(again, stack.state("export").outputs);
    expect(await readdir(folder)).to.deep.equal([]);
  });

  it("changes what an update can put right: what is gone, and nothing that others changed", async () => {
    const id = await exported();
    const { inputs, outputs } = stack.state("export");
    const [object] = await readdir(folder);
    await rm(join(folder, object!));
    stack.newRun();
    const read = await stack.read("ImageExport", id, outputs);
    expect(read!.outputs.drift).to.deep.equal([{ device: "/dev/vdb", name: object, found: "gone" }]);
    expect(lifecycle().diff(id, read!.outputs, inputs)).to.deep.include({ changes: true, replaces: [] });
    const restored = await lifecycle().update(id, read!.outputs, inputs);
    expect(restored).to.deep.include({ drift: [], objects: outputs.objects });
    const changed = { ...outputs, drift: [{ device: "/dev/vdb", name: object, found: "changed" }] };
    expect(lifecycle().diff(id, changed, inputs).changes).to.equal(false);
  });

  it("can be looked at from another program, with the place that it went to", async () => {
    const id = await exported();
    stack.newRun();
    const read = await stack.read("ImageExport", id, { __provider: "text" });
    expect(read!.outputs).to.deep.include({ fileFormat: "raw", bucketUrl: `file://${folder}` });
  });

  it("is taken over by no other declaration while this one holds it", async () => {
    const id = await exported();
    const { violations } = await stack.check("ImageExport", "other", { adoptId: id, bucketUrl: folder });
    expect(violations.map(({ property }) => property)).to.deep.equal(["adoptId"]);
    expect(violations[0]!.reason).to.contain(String(stack.state("export").outputs.declaredBy));
  });
});
