import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { expect } from "chai";
import type { ExportFormat, ExportRecord } from "../../../../provider/engine/model";
import { Fault } from "../../../../provider/engine/violation";
import { describeWithS3, S3Server, setEnv, withEnv } from "../../../support/s3-server";
import { describeWith } from "../../../support/tools";
import { byId, refusal, up } from "../world";
import { ExportedRegion, MIB } from "./exported-region";

const FORMATS: readonly ExportFormat[] = ["raw", "qcow2", "vmdk", "vhd"];

describeWith(["qemu-img"], "exports to a folder", () => {
  for (const fileFormat of FORMATS) {
    it(`as ${fileFormat} read as the disks do, and come out the same again`, async () => {
      const region = await ExportedRegion.make();
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
  let region: ExportedRegion;
  let bucket: string;
  before(async () => {
    // A team's region has its disks on the server that the environment names, too.
    server = await S3Server.shared();
    putBack = setEnv({ ...server.env, AWS_CONFIG_FILE: "/dev/null" });
  });
  after(() => putBack());
  beforeEach(async () => {
    region = await ExportedRegion.make();
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
      .catch((e: unknown) => e)
      .finally(() => server.run());
    expect(Fault.is(error) && error.message)
      .to.contain("is out of reach")
      .and.to.contain("Left there is golden-vda.raw");
    expect(await region.exports()).to.deep.equal([]);
    const next = region.run();
    const { objects } = await up(next.engine.exports, { ...request, declaration: next.declare("backup") });
    expect(await server.keys(bucket)).to.deep.equal(objects.map(({ name }) => name));
    expect(await server.uploads(bucket)).to.deep.equal([]);
  });
});
