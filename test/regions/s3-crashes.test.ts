import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GetObjectCommand } from "@aws-sdk/client-s3";
import { expect } from "chai";
import { FaultProxy } from "../support/fault-proxy";
import { describeWithS3, S3Server, withEnv } from "../support/s3-server";
import { newRegion } from "../support/regions/region-under-test";
import type { TestRegion } from "../support/regions/test-region";
import { brokenAtRest } from "./invariants";
import { make, makeImageOf, start } from "./start";
import type { Step } from "./worker";

const MIB = 2 ** 20;

describeWithS3("a process that is killed while it exports to S3", function () {
  this.timeout(300_000);
  let server: S3Server;
  let folder: string;
  let region: TestRegion;
  let bucket: string;
  let step: Step;

  let image: string;
  let declared = 0;

  before(async () => {
    server = await S3Server.shared();
    Object.assign(process.env, server.env, { AWS_CONFIG_FILE: "/dev/null" });
    folder = await mkdtemp(join(tmpdir(), "images-s3-crash-"));
    region = await newRegion();
    // Parts of 8 to 9 MiB.
    image = await makeImageOf(region, folder, randomBytes(50 * MIB));
  });
  after(async () => {
    await region.remove();
    await rm(folder, { recursive: true });
  });
  beforeEach(async () => {
    bucket = await server.newBucket();
    step = { operation: "export", name: `made-${++declared}`, of: image, to: `s3://${bucket}` };
  });

  /** The next run makes one set of objects, whole, and nothing else is left anywhere. */
  async function expectFinishedByNextRun(): Promise<void> {
    const [id] = await make(region, step);
    const catalog = await region.openCatalog();
    const all = (await catalog.snapshot()).exports;
    await catalog.close();
    const exports = all.filter(({ bucketUrl }) => bucketUrl === step.to);
    expect(exports.map((each) => [each.id, each.status])).to.deep.equal([[id, "active"]]);
    const keys = exports[0]!.objects.map(({ name }) => name);
    expect(await server.keys(bucket)).to.deep.equal(keys);
    expect(await server.uploads(bucket)).to.deep.equal([]);
    expect(await brokenAtRest(region)).to.deep.equal([]);
    const { Body } = await server.client.send(new GetObjectCommand({ Bucket: bucket, Key: keys[0]! }));
    const bytes = await Body!.transformToByteArray();
    const disk = await readFile(join(folder, "disk.raw"));
    // A qcow2 of random bytes holds them in order, after its tables.
    expect(Buffer.from(bytes).includes(disk.subarray(MIB, MIB + 4096))).to.equal(true);
  }

  for (const point of ["placed", "content-written#1", "content-named#1", "filled", "finished"]) {
    it(`at ${point}, leaves what the next run makes one of`, async () => {
      const { killed } = await start(region, { steps: [step] }, point);
      expect(killed).to.equal(true);
      await expectFinishedByNextRun();
    });
  }

  it("in the middle of the upload, leaves parts that the next run goes on with", async () => {
    const child = new AbortController();
    const proxy = await FaultProxy.before(server.endpoint, () => "pass");
    proxy.onSent = (bytes) => {
      if (bytes < 30 * MIB) return;
      // What comes after the death never arrives.
      proxy.stall();
      child.abort();
    };
    try {
      const { killed } = await withEnv({ AWS_ENDPOINT_URL_S3: proxy.endpoint }, () =>
        start(region, { steps: [step] }, undefined, child.signal),
      );
      expect(killed).to.equal(true);
      expect(await server.keys(bucket)).to.deep.equal([]);
      expect(await server.uploads(bucket)).to.have.length(1);
    } finally {
      await proxy.close();
    }
    const again = await FaultProxy.before(server.endpoint, () => "pass");
    try {
      await withEnv({ AWS_ENDPOINT_URL_S3: again.endpoint }, expectFinishedByNextRun);
      expect(again.sentBytes).to.be.lessThan(46 * MIB);
    } finally {
      await again.close();
    }
  });
});
