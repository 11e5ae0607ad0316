import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DeleteObjectCommand, GetObjectCommand } from "@aws-sdk/client-s3";
import { expect } from "chai";
import type { ExportRecord } from "../../provider/engine/model";
import { openRegion } from "../../provider/engine/open-region";
import { byId, TestRun, up } from "../provider/engine/world";
import { FaultProxy } from "../support/fault-proxy";
import { describeWithS3, S3Server, withEnv } from "../support/s3-server";
import { newRegion } from "../support/regions/region-under-test";
import type { TestRegion } from "../support/regions/test-region";
import { brokenAtRest } from "./invariants";
import { makeImageOf } from "./start";

const MIB = 2 ** 20;
const SIZE = 80 * MIB;
/** What the next run has to send of the 1 GiB that the file has with its zeros: a part is there at least. */
const MOST_AGAIN = 2 ** 30 - 4 * MIB;

describeWithS3("an export to S3 whose time is up", function () {
  this.timeout(300_000);
  let server: S3Server;
  let folder: string;
  let bytes: Buffer;
  let region: TestRegion;
  let image: string;
  let bucket: string;
  before(async () => {
    server = await S3Server.shared();
    Object.assign(process.env, server.env, { AWS_CONFIG_FILE: "/dev/null" });
    folder = await mkdtemp(join(tmpdir(), "images-s3-timeouts-"));
    region = await newRegion();
    image = await makeImageOf(region, folder, (bytes = randomBytes(SIZE)));
  });
  after(async () => {
    await region.remove();
    await rm(folder, { recursive: true });
  });
  beforeEach(async () => {
    bucket = await server.newBucket();
  });

  type Attempt = (run: TestRun, timeouts?: { create: string; update: string }) => Promise<ExportRecord>;

  async function inRun(attempt: Attempt, timeouts?: { create: string; update: string }) {
    const engine = await openRegion({ endpoint: region.endpoint });
    try {
      return await attempt(new TestRun(engine, {}), timeouts);
    } finally {
      await engine.close();
    }
  }

  /** Has its time end in the midst of the upload: as long as it takes to come there, after which nothing moves. */
  async function cutOff(attempt: Attempt): Promise<void> {
    let isUnderWay = false;
    for (let seconds = 3; !isUnderWay; seconds *= 2) {
      const proxy = await FaultProxy.before(server.endpoint, () => "pass");
      proxy.onSent = (sent) => {
        if (isUnderWay || sent < SIZE / 2) return;
        isUnderWay = true;
        proxy.stall();
      };
      const limit = `${seconds}s`;
      const trying = withEnv({ AWS_ENDPOINT_URL_S3: proxy.endpoint }, () =>
        inRun(attempt, { create: limit, update: limit }),
      );
      const error = await trying.catch((each: Error) => each);
      await proxy.close();
      expect(String(error)).to.match(
        new RegExp(`timeouts\\.(create|update) allows ${limit}.* was at \\d+ %`),
      );
    }
    expect(await server.uploads(bucket)).to.have.length(1);
    expect(await server.keys(bucket)).to.deep.equal([]);
    expect(await brokenAtRest(region)).to.deep.equal([]);
  }

  /** The next run, which sends only what is missing. */
  async function goOn(attempt: Attempt): Promise<ExportRecord> {
    const proxy = await FaultProxy.before(server.endpoint, () => "pass");
    try {
      const made = await withEnv({ AWS_ENDPOINT_URL_S3: proxy.endpoint }, () => inRun(attempt));
      expect(proxy.sentBytes).to.be.lessThan(MOST_AGAIN);
      return made;
    } finally {
      await proxy.close();
    }
  }

  async function expectWhole({ objects }: ExportRecord): Promise<void> {
    const [Key, ...more] = await server.keys(bucket);
    expect([[Key], more]).to.deep.equal([objects.map(({ name }) => name), []]);
    expect(await server.uploads(bucket)).to.deep.equal([]);
    const { Body } = await server.client.send(new GetObjectCommand({ Bucket: bucket, Key }));
    const written = Buffer.from(await Body!.transformToByteArray());
    expect(written.subarray(0, SIZE).equals(bytes)).to.equal(true);
  }

  const request = (run: TestRun, declaration: Parameters<TestRun["declare"]>[1]) =>
    run.export("backup", byId(image), `s3://${bucket}`, { fileFormat: "raw" }, declaration);

  it("leaves no object and no record, and the next run goes on where it was", async () => {
    const attempt: Attempt = (run, timeouts) => up(run.engine.exports, request(run, { timeouts }));
    await cutOff(attempt);
    await expectWhole(await goOn(attempt));
  });

  it("leaves no object of what it was to write again, and the next run goes on where it was", async () => {
    const made = await inRun((run) => up(run.engine.exports, request(run, {})));
    const gone = { Bucket: bucket, Key: made.objects[0]!.name };
    await server.client.send(new DeleteObjectCommand(gone));
    const { creationToken, declaredBy } = made.origin!;
    const attempt: Attempt = async (run, timeouts) => {
      const again = request(run, { declaredBy, creationToken, oldToken: creationToken, timeouts });
      await run.engine.exports.check(again);
      return run.engine.exports.update(made.id, again);
    };
    await cutOff(attempt);
    const restored = await goOn(attempt);
    expect(restored.drift).to.deep.equal([]);
    await expectWhole(restored);
    expect((await inRun(async (run) => (await run.engine.exports.read(made.id))!)).drift).to.deep.equal([]);
  });
});
