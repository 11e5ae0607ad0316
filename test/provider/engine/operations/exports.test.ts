import { mkdir, readdir, readFile, rm, stat, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect } from "chai";
import type { ExportRecord } from "../../../../provider/engine/model";
import { newExport, newImage } from "../catalog/records";
import { byId, byName, reasons, refusal, up } from "../world";
import type { TestRun } from "../world";
import { ExportedRegion } from "./exported-region";

describe("the operations of exports", () => {
  let region: ExportedRegion;
  beforeEach(async () => {
    region = await ExportedRegion.make();
  });
  afterEach(() => region.remove());

  const path = (name: string) => join(region.target, name);
  const files = async () => (await readdir(region.target).catch(() => [])).sort();

  function make(request: Partial<Parameters<TestRun["export"]>[3]> = {}, run = region.run()) {
    const asked = { name: "golden", fileFormat: "raw" as const, ...request };
    return up(run.engine.exports, run.export("backup", byId("img-1"), region.target, asked));
  }

  /** What a later run asks for that found the resource in its state. */
  function again(run: TestRun, record: ExportRecord) {
    const { creationToken } = record.origin!;
    const { name, fileFormat } = record;
    const declaration = { creationToken, oldToken: creationToken };
    return run.export("backup", byId("img-1"), region.target, { name, fileFormat }, declaration);
  }

  it("write an object for each disk, and record its size and checksum", async () => {
    const told: [string, number][] = [];
    const run = region.run();
    const request = run.export("backup", byId("img-1"), region.target, { fileFormat: "raw" });
    const { facts } = await run.engine.exports.check(request);
    expect(facts).to.include({ name: "golden-image-img-1", fileFormat: "raw", account: "default" });
    const record = await run.engine.exports.create(request, (doing, fraction) =>
      told.push([doing, fraction]),
    );
    expect(record).to.deep.include({
      status: "active",
      imageId: "img-1",
      bucketUrl: pathToFileURL(region.target).href,
      name: "golden-image-img-1",
    });
    const names = ["golden-image-img-1-vda.raw", "golden-image-img-1-vdb.raw"];
    expect(record.objects.map(({ device, name }) => [device, name])).to.deep.equal([
      ["/dev/vda", names[0]],
      ["/dev/vdb", names[1]],
    ]);
    expect(await files()).to.deep.equal(names);
    expect(told.map(([, fraction]) => fraction)).to.satisfy((all: number[]) =>
      all.every((each, n) => each >= (all[n - 1] ?? 0)),
    );
    expect(told.at(-1)).to.deep.equal([`writing ${names[1]} to the folder ${region.target}`, 1]);
  });

  it("default to qcow2, and leave the name open until the image stands", async () => {
    const run = region.run();
    const { facts, violations } = await run.engine.exports.check(
      run.export("backup", byName("golden"), region.target),
    );
    expect(violations).to.deep.equal([]);
    expect(facts.fileFormat).to.equal("qcow2");
    expect(typeof facts.name).to.equal("symbol");
  });

  it("take over what stands already with the very same bytes, and leave it as it is", async () => {
    const first = await make();
    await region.run().engine.exports.remove(first.id);
    const before = await stat(path("golden-vda.raw"));
    const second = await make();
    expect(second.id).not.to.equal(first.id);
    expect(second.objects).to.deep.equal(first.objects);
    expect((await stat(path("golden-vda.raw"))).mtimeMs).to.equal(before.mtimeMs);
  });

  it("never overwrite what isn't theirs, and take back what they wrote before they met it", async () => {
    await mkdir(region.target);
    await writeFile(path("golden-vdb.raw"), "somebody's");
    expect(await refusal(make())).to.equal(
      `name: There is an object golden-vdb.raw in the folder ${region.target} already, with other bytes, and nothing is ever overwritten. Move it away, or state another name.`,
    );
    expect(await files()).to.deep.equal(["golden-vdb.raw"]);
    expect(await readFile(path("golden-vdb.raw"), "utf8")).to.equal("somebody's");
    expect(await region.exports()).to.deep.equal([]);
  });

  it("refuse names that another export has, in the preview already, but not those of what is replaced", async () => {
    const record = await make();
    const run = region.run();
    const other = run.export("other", byId("img-1"), region.target, { name: "golden", fileFormat: "raw" });
    expect(reasons(await run.engine.exports.check(other))).to.contain(
      `Export golden (${record.id}) writes an object golden-vda.raw to ${region.target} too`,
    );
    const planned = region.run();
    const twice = ["one", "two"].map((name) =>
      planned.export(name, byId("img-1"), region.target, { name: "new", fileFormat: "raw" }),
    );
    expect(reasons(await planned.engine.exports.check(twice[0]!))).to.equal("");
    expect(reasons(await planned.engine.exports.check(twice[1]!))).to.contain("(planned in this run)");

    const replacing = region.run();
    const kept = again(replacing, record);
    await replacing.engine.exports.check(kept);
    const { oldToken: _, ...anew } = kept.declaration;
    const request = { ...kept, declaration: { ...anew, creationToken: "token-anew" } };
    const replacement = await up(replacing.engine.exports, request);
    await replacing.engine.exports.remove(record.id, { deleteObjects: true });
    expect(await files()).to.deep.equal(replacement.objects.map(({ name }) => name));
  });

  it("adopt what a run made that was cut off before its state was written", async () => {
    const made = await make();
    expect((await make()).id).to.equal(made.id);
    expect(await region.exports()).to.have.length(1);
  });

  it("take over what the same declaration made and its state forgot", async () => {
    const made = await make();
    await region.world.catalog.markSeen([made.origin!.creationToken]);
    expect((await make()).id).to.equal(made.id);
    expect(await region.exports()).to.have.length(1);
  });

  it("refuse in the preview a name whose objects the replaced export leaves, and not where it takes them with it", async () => {
    await region.world.catalog.transaction((tx) => tx.insert("image", newImage("img-2")));
    const record = await make();
    const replace = async (deleteObjects: boolean) => {
      const run = region.run();
      const kept = again(run, record);
      const changed = { ...kept, image: byId("img-2"), deleteObjects };
      await run.engine.exports.check(changed);
      const { oldToken: _, ...declaration } = { ...kept.declaration, deleteBeforeReplace: true };
      return reasons(await run.engine.exports.check({ ...changed, declaration }));
    };
    expect(await replace(false)).to.contain(`Export golden (${record.id}) writes an object golden-vda.raw`);
    expect(await replace(true)).to.equal("");
  });

  it("need no folder within reach for an update that has nothing to write again", async () => {
    const record = await make();
    await rm(region.target, { recursive: true });
    await writeFile(region.target, "in the way");
    const run = region.run();
    const { objects } = await run.engine.exports.update(record.id, { ...again(run, record), restore: false });
    expect(objects).to.deep.equal(record.objects);
  });

  it("name what is gone and what is changed, write again what is gone, and leave what is changed", async () => {
    const record = await make();
    expect(await region.run().engine.exports.read(record.id)).to.deep.equal({ ...record, drift: [] });
    await unlink(path("golden-vda.raw"));
    await writeFile(path("golden-vdb.raw"), "changed");
    const read = await region.run().engine.exports.read(record.id);
    expect(read?.objects).to.deep.equal([]);
    expect(read?.drift).to.deep.equal([
      { device: "/dev/vda", name: "golden-vda.raw", found: "gone" },
      { device: "/dev/vdb", name: "golden-vdb.raw", found: "changed", sizeBytes: 7 },
    ]);
    const run = region.run();
    const request = again(run, record);
    expect(reasons(await run.engine.exports.check(request))).to.equal("");
    const restored = await run.engine.exports.update(record.id, request);
    expect(restored.objects).to.deep.equal([record.objects[0]]);
    expect(restored.drift?.map(({ name }) => name)).to.deep.equal(["golden-vdb.raw"]);
    expect(await readFile(path("golden-vdb.raw"), "utf8")).to.equal("changed");
    const [standing] = await region.exports();
    expect(standing?.objects).to.deep.equal(record.objects);
  });

  it("say that an object can't be written again whose image is gone", async () => {
    const record = await make();
    await region.run().engine.images.remove("img-1");
    expect(await region.exports()).to.have.length(1);
    await unlink(path("golden-vda.raw"));
    const run = region.run();
    expect(await refusal(run.engine.exports.update(record.id, again(run, record)))).to.contain(
      `Export golden (${record.id}) lacks golden-vda.raw, and image img-1, which it was written from, is gone`,
    );
  });

  it("leave the objects when they are deleted, unless told to remove them", async () => {
    const record = await make();
    await writeFile(path("golden-vdc.raw"), "not recorded");
    await region.run().engine.exports.remove(record.id);
    expect(await files()).to.have.length(3);
    const second = await make();
    await region.run().engine.exports.remove(second.id, { deleteObjects: true });
    expect(await files()).to.deep.equal(["golden-vdc.raw"]);
    expect(await region.exports()).to.deep.equal([]);
    await region.run().engine.exports.remove(second.id, { deleteObjects: true });
  });

  it("remove nothing at all where one of the objects isn't what was written", async () => {
    const record = await make();
    await writeFile(path("golden-vdb.raw"), "changed");
    const remove = () => region.run().engine.exports.remove(record.id, { deleteObjects: true });
    expect(await refusal(remove())).to.contain("golden-vdb.raw isn't what export golden");
    expect(await files()).to.deep.equal(["golden-vda.raw", "golden-vdb.raw"]);
    expect(await region.exports()).to.have.length(1);
    await unlink(path("golden-vdb.raw"));
    await remove();
    expect(await files()).to.deep.equal([]);
  });

  it("leave to others what isn't theirs to remove", async () => {
    const record = await make();
    const { engine } = region.run();
    const by = { deleteObjects: true, account: "team-1" };
    expect(await refusal(engine.exports.remove(record.id, by))).to.contain("account team-1 can't delete it");
    await engine.exports.remove(record.id, { deleteObjects: true, creationToken: "another" });
    expect(await files()).to.have.length(2);
    expect(await region.exports()).to.have.length(1);
  });

  it("keep an image from being deleted while it is being exported", async () => {
    await region.world.catalog.transaction((tx) =>
      tx.insert("export", newExport("exp-1", "img-1", { status: "creating" })),
    );
    expect(await refusal(region.run().engine.images.remove("img-1"))).to.contain(
      "Image golden image (img-1) is being exported, by exp-1 (exp-1). Wait until that is done",
    );
  });

  it("take over an export that stands, as it stands", async () => {
    const { id } = await make();
    await region.world.catalog.transaction((tx) => tx.update("export", id, { origin: undefined }));
    const run = region.run();
    const unlike = run.export("mine", byId("img-1"), "/elsewhere", { adoptId: id, fileFormat: "vhd" });
    const said = reasons(await run.engine.exports.check(unlike));
    expect(said).to.contain("bucketUrl: ").and.to.contain("fileFormat: ");
    const like = run.export("mine", byId("img-1"), region.target, { adoptId: id });
    expect(await up(run.engine.exports, like)).to.include({ id, name: "golden", fileFormat: "raw" });
  });
});
