import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, unlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { expect } from "chai";
import type { DeviceMapping, ExportFormat, ExportRecord } from "../../../../provider/engine/model";
import { kindOf } from "../../../../provider/engine/operations/devices";
import { Fault } from "../../../../provider/engine/violation";
import { describeWithS3, S3Server, setEnv, withEnv } from "../../../support/s3-server";
import { describeWith, tool } from "../../../support/tools";
import { newExport, newImage } from "../catalog/records";
import { byId, byName, reasons, refusal, up } from "../world";
import type { TestRun, World } from "../world";
import { worldsOfFiles } from "../worlds";

const newWorld = worldsOfFiles();

const FORMATS: readonly ExportFormat[] = ["raw", "qcow2", "vmdk", "vhd"];
const QEMU = { raw: "raw", qcow2: "qcow2", vmdk: "vmdk", vhd: "vpc" };
const MIB = 2 ** 20;

/** A region with one image of two disks, and a folder to export to. */
class Region {
  readonly work: string;
  readonly target: string;

  private constructor(
    readonly folder: string,
    readonly world: World,
  ) {
    this.work = join(folder, "work");
    this.target = join(folder, "exports");
  }

  static async make(): Promise<Region> {
    const region = new Region(await mkdtemp(join(tmpdir(), "images-exports-")), await newWorld());
    const { disks, catalog } = region.world;
    const devices: DeviceMapping[] = ["vda", "vdb"].map((device) => ({
      device: `/dev/${device}`,
      kind: kindOf("localDisk", `/dev/${device}`),
      id: `disk-${device}`,
      size: 1,
    }));
    await catalog.transaction((tx) =>
      tx.insert("image", newImage("img-1", { name: "golden image", deviceMappings: devices })),
    );
    for (const device of ["vda", "vdb"]) {
      const path = region.source(device);
      await writeFile(path, randomBytes(3 * MIB));
      await truncate(path, 8 * MIB);
      await disks.importFile({ path, format: "raw", property: "diskFile" }, `disk-${device}`);
    }
    return region;
  }

  source(device: string): string {
    return join(this.folder, `${device}.raw`);
  }

  run(account?: string): TestRun {
    return this.world.run({ account, workFolder: this.work });
  }

  async exports(): Promise<readonly ExportRecord[]> {
    return (await this.world.catalog.snapshot()).exports;
  }

  /** The exported file reads as the disk does. */
  async compare(file: string, device: string, format: ExportFormat): Promise<void> {
    const said = await tool(
      "qemu-img",
      "compare",
      "-f",
      "raw",
      "-F",
      QEMU[format],
      this.source(device),
      file,
    );
    expect(said).to.contain("Images are identical.");
  }

  async remove(): Promise<void> {
    // Nothing of any export stays on its way out.
    expect(await readdir(this.work).catch(() => [])).to.deep.equal([]);
    await rm(this.folder, { recursive: true });
  }
}

describe("the operations of exports", () => {
  let region: Region;
  beforeEach(async () => {
    region = await Region.make();
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

describeWith(["qemu-img"], "exports to a folder", () => {
  for (const fileFormat of FORMATS) {
    it(`as ${fileFormat} read as the disks do, and come out the same again`, async () => {
      const region = await Region.make();
      try {
        const make = async (to: string) => {
          const run = region.run();
          return up(run.engine.exports, run.export("backup", byId("img-1"), to, { fileFormat }));
        };
        const { objects } = await make(region.target);
        for (const { name, device } of objects) {
          await region.compare(join(region.target, name), device.slice("/dev/".length), fileFormat);
        }
        expect((await make(join(region.folder, "others"))).objects).to.deep.equal(objects);
      } finally {
        await region.remove();
      }
    });
  }
});

describeWithS3("exports to an S3 bucket", () => {
  let server: S3Server;
  let putBack: () => void;
  let region: Region;
  let bucket: string;
  before(async () => {
    server = await S3Server.shared();
    putBack = setEnv({ ...server.env, AWS_CONFIG_FILE: "/dev/null" });
  });
  after(() => putBack());
  beforeEach(async () => {
    region = await Region.make();
    bucket = await server.newBucket();
  });
  afterEach(() => region.remove());

  async function make(fileFormat: ExportFormat = "raw", run = region.run()): Promise<ExportRecord> {
    const request = { name: "golden", fileFormat };
    return up(run.engine.exports, run.export("backup", byId("img-1"), `s3://${bucket}/a b/c/`, request));
  }

  it("fail for a bucket that isn't there before anything is made for it", async () => {
    const run = region.run();
    const request = run.export("backup", byId("img-1"), "s3://no-such-bucket", { name: "golden" });
    const told: string[] = [];
    const error = await run.engine.exports
      .create(request, (doing) => told.push(doing))
      .catch((each: Error) => each);
    expect(String(error)).to.contain("there is no bucket no-such-bucket");
    expect(told).to.deep.equal([]);
  });

  for (const format of FORMATS) {
    describeWith(format === "raw" ? [] : ["qemu-img"], `as ${format}`, () => {
      it("read as the disks do", async () => {
        const { objects, bucketUrl } = await make(format);
        expect(bucketUrl).to.equal(`s3://${bucket}/a b/c`);
        expect(objects.map(({ name }) => name)).to.deep.equal([
          `a b/c/golden-vda.${format}`,
          `a b/c/golden-vdb.${format}`,
        ]);
        for (const { name, device, sizeBytes } of objects) {
          const { Body } = await server.client.send(new GetObjectCommand({ Bucket: bucket, Key: name }));
          const bytes = await Body!.transformToByteArray();
          expect(bytes).to.have.length(sizeBytes);
          const file = join(region.folder, "back");
          await writeFile(file, bytes);
          const disk = device.slice("/dev/".length);
          if (format === "raw") expect((await readFile(region.source(disk))).equals(bytes)).to.equal(true);
          else await region.compare(file, disk, format);
        }
      });
    });
  }

  it("refuse a foreign object of the same name and leave nothing of their own", async () => {
    const foreign = { Bucket: bucket, Key: "a b/c/golden-vdb.raw" };
    await server.client.send(new PutObjectCommand({ ...foreign, Body: "somebody's" }));
    expect(await refusal(make())).to.contain("There is an object a b/c/golden-vdb.raw in the bucket");
    expect(await server.keys(bucket)).to.deep.equal([foreign.Key]);
    const { Body } = await server.client.send(new GetObjectCommand(foreign));
    expect(await Body!.transformToString()).to.equal("somebody's");
    expect(await region.exports()).to.deep.equal([]);
  });

  it("name drift, and go with their objects where that is asked for", async () => {
    const record = await make();
    const changed = { Bucket: bucket, Key: record.objects[1]!.name };
    await server.client.send(new PutObjectCommand({ ...changed, Body: Buffer.alloc(8 * MIB, 1) }));
    const { engine } = region.run();
    const [drift] = (await engine.exports.read(record.id))!.drift!;
    expect(drift).to.include({ name: changed.Key, found: "changed", sizeBytes: 8 * MIB });
    expect(drift?.checksum).to.match(/^sha256:/);
    const remove = () => engine.exports.remove(record.id, { deleteObjects: true });
    expect(await refusal(remove())).to.contain(`${changed.Key} isn't what export golden`);
    await server.client.send(
      new PutObjectCommand({ ...changed, Body: await readFile(region.source("vdb")) }),
    );
    expect((await engine.exports.read(record.id))!.drift).to.deep.equal([]);
    await remove();
    expect(await server.keys(bucket)).to.deep.equal([]);
  });

  it("leave no record where the credentials are wrong", async () => {
    await withEnv({ AWS_SECRET_ACCESS_KEY: "wrong" }, async () => {
      const error = await make().catch((e: unknown) => e);
      expect(Fault.is(error) && error.message).to.contain("doesn't take the credentials");
    });
    expect(await region.exports()).to.deep.equal([]);
    await make();
  });

  it("say what is left where the server goes away after the first disk, which the next run takes over", async () => {
    const run = region.run();
    const request = run.export("backup", byId("img-1"), `s3://${bucket}`, {
      name: "golden",
      fileFormat: "raw",
    });
    const error = await run.engine.exports
      .create(request, (doing) => {
        if (doing.includes("golden-vdb.raw")) void server.end();
      })
      .catch((e: unknown) => e);
    expect(Fault.is(error) && error.message)
      .to.contain("is out of reach")
      .and.to.contain("Left there is golden-vda.raw");
    expect(await region.exports()).to.deep.equal([]);
    await server.run();
    const next = region.run();
    const { objects } = await up(next.engine.exports, { ...request, declaration: next.declare("backup") });
    expect(await server.keys(bucket)).to.deep.equal(objects.map(({ name }) => name));
    expect(await server.uploads(bucket)).to.deep.equal([]);
  });
});
