import { randomBytes } from "node:crypto";
import { mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { BucketDiskStore, type BucketOptions } from "../../../../../provider/engine/disks/bucket-disk-store";
import { MemoryContentIndex } from "../../../../../provider/engine/disks/bucket/memory-content-index";
import type { DiskContent, Watch } from "../../../../../provider/engine/disks/disk-store";
import { MemoryKeyService } from "../../../../../provider/engine/keys/memory-key-service";
import { FaultProxy } from "../../../../support/fault-proxy";
import { describeWithS3, S3Server, withEnv } from "../../../../support/s3-server";
import { fault, foreign, MIB, sha256, Watched } from "../disk-fixtures";

const PART = 8 * MIB;
const DAY = 24 * 60 * 60 * 1000;

/** As the engine does: a content whose making fails is removed, and the next run makes another one of the same. */
describeWithS3("an upload whose content is given up", () => {
  let server: S3Server;
  let bucket: string;
  let folder: string;
  let path: string;
  let bytes: Buffer;
  let index: MemoryContentIndex;
  let now: number;
  let store: BucketDiskStore;
  before(async () => {
    server = await S3Server.shared();
    Object.assign(process.env, server.env);
  });
  beforeEach(async () => {
    bucket = await server.newBucket();
    folder = await mkdtemp(join(tmpdir(), "images-cut-off-"));
    await writeFile((path = join(folder, "disk.raw")), (bytes = randomBytes(100 * MIB)));
    now = 0;
    index = new MemoryContentIndex(
      (id) => ({ region: "north-1", account: id.split("-")[0]! }),
      () => now,
    );
    store = storeWith();
  });
  afterEach(() => rm(folder, { recursive: true }));

  const keys = new MemoryKeyService();
  function storeWith(options: Partial<BucketOptions> = {}): BucketDiskStore {
    const owners = [{ region: "north-1", account: "acme" }];
    return new BucketDiskStore(index, keys, { bucket, prefix: "", workFolder: folder, owners, ...options });
  }

  /** Stops a work when some of it is there, and gives its content up. */
  async function cutOff(id: string, work: (watch: Watch) => Promise<unknown>): Promise<void> {
    const stopping = new AbortController();
    const progress = (done: number, total: number) => {
      if (done > total * 0.4) stopping.abort(new Error("time is up"));
    };
    expect(await fault(work({ signal: stopping.signal, progress }))).to.contain("time is up");
    await store.remove(id);
  }

  /** What a work sends to the server, in bytes. */
  async function sentBy(work: () => Promise<unknown>): Promise<number> {
    const proxy = await FaultProxy.before(server.endpoint, () => "pass");
    try {
      await withEnv({ AWS_ENDPOINT_URL_S3: proxy.endpoint }, work);
      return proxy.sentBytes;
    } finally {
      await proxy.close();
    }
  }

  async function expectNothingLeft(): Promise<void> {
    expect([...(await server.keys(bucket)), ...(await server.uploads(bucket))]).to.deep.equal([]);
  }

  const importAs = (id: string, options: Watch = {}): Promise<DiskContent> =>
    storeWith().importFile(foreign(path), id, options);

  it("goes on in the next content that is made of the same file", async () => {
    await cutOff("acme-1", (watch) => importAs("acme-1", watch));
    expect(await server.uploads(bucket)).to.have.length(1);
    expect(await store.strays()).to.deep.equal([]);
    const sent = await sentBy(() => importAs("acme-2"));
    expect(sent).to.be.lessThan(bytes.length * 0.65 + PART);
    expect(await store.checksum("acme-2")).to.equal(sha256(bytes));
    expect(await server.uploads(bucket)).to.deep.equal([]);
    await store.remove("acme-2");
    await expectNothingLeft();
  });

  it("goes on where another account's disk is copied", async () => {
    await importAs("other-1");
    await cutOff("acme-1", (watch) => store.copy("other-1", "acme-1", watch));
    const sent = await sentBy(() => storeWith().copy("other-1", "acme-2"));
    expect(sent).to.be.lessThan(bytes.length * 0.65 + PART);
    expect(await store.checksum("acme-2")).to.equal(sha256(bytes));
    expect(await server.uploads(bucket)).to.deep.equal([]);
  });

  it("isn't made again for further copies of the account's, which read from the same object", async () => {
    await importAs("other-1");
    await store.copy("other-1", "acme-1");
    const progress = new Watched();
    expect(
      await sentBy(() =>
        storeWith().copy("other-1", "acme-2", { virtualBytes: 110 * MIB, progress: progress.progress }),
      ),
    ).to.equal(0);
    progress.expectWhole();
    expect(await server.keys(bucket)).to.have.length(2);
    for (const id of ["other-1", "acme-1"]) await store.remove(id);
    expect(await store.checksum("acme-2")).to.equal(sha256(bytes, Buffer.alloc(10 * MIB)));
    await store.remove("acme-2");
    await expectNothingLeft();
  });

  it("goes on where the server was out of reach for longer than patience lasts", async () => {
    const proxy = await FaultProxy.before(server.endpoint, () => "pass");
    await withEnv({ AWS_ENDPOINT_URL_S3: proxy.endpoint }, async () => {
      let closing: Promise<void> | undefined;
      const progress = (done: number, total: number) => {
        if (done > total * 0.4) closing ??= proxy.close();
      };
      const lost = storeWith({ retryMs: 300 }).importFile(foreign(path), "acme-1", { progress });
      expect(await fault(lost)).to.contain("is out of reach");
      await closing;
      await storeWith({ retryMs: 300 }).remove("acme-1");
    });
    const sent = await sentBy(() => importAs("acme-2"));
    expect(sent).to.be.lessThan(bytes.length * 0.65 + PART);
    expect(await store.checksum("acme-2")).to.equal(sha256(bytes));
    expect(await server.uploads(bucket)).to.deep.equal([]);
  });

  it("goes on as what the file has become meanwhile", async () => {
    await cutOff("acme-1", (watch) => importAs("acme-1", watch));
    const file = await open(path, "r+");
    for (const at of [100, 50 * MIB]) {
      bytes[at]! ^= 1;
      await file.write(bytes, at, 1, at);
    }
    await file.close();
    await importAs("acme-2");
    expect(await store.checksum("acme-2")).to.equal(sha256(bytes));
    expect(await server.uploads(bucket)).to.deep.equal([]);
  });

  it("leaves nothing where the file has become small meanwhile", async () => {
    await cutOff("acme-1", (watch) => importAs("acme-1", watch));
    // Zeros, and a little at the end.
    bytes = Buffer.concat([Buffer.alloc(70 * MIB), randomBytes(512)]);
    await writeFile(path, bytes);
    await importAs("acme-2");
    expect(await store.checksum("acme-2")).to.equal(sha256(bytes));
    expect(await server.uploads(bucket)).to.deep.equal([]);
    await store.remove("acme-2");
    await expectNothingLeft();
  });

  describe("when all of it was sent, and nobody was told", () => {
    beforeEach(async () => {
      const { finish } = index;
      index.finish = () => Promise.reject(new Error("the database is gone"));
      expect(await fault(importAs("acme-1"))).to.contain("the database is gone");
      index.finish = finish;
      await store.remove("acme-1");
      expect(await server.keys(bucket)).to.have.length(1);
    });

    it("isn't sent again", async () => {
      expect(await sentBy(() => importAs("acme-2"))).to.be.lessThan(MIB);
      expect(await store.checksum("acme-2")).to.equal(sha256(bytes));
    });

    it("is in nobody's way where the file has changed", async () => {
      bytes[100]! ^= 1;
      await writeFile(path, bytes);
      expect(await fault(importAs("acme-2"))).to.contain("Run again");
      await store.remove("acme-2");
      await importAs("acme-3");
      expect(await store.checksum("acme-3")).to.equal(sha256(bytes));
      expect(await server.keys(bucket)).to.have.length(1);
      expect(await server.uploads(bucket)).to.deep.equal([]);
    });
  });

  it("is removed a day later", async () => {
    await cutOff("acme-1", (watch) => importAs("acme-1", watch));
    now += DAY;
    await store.remove("acme-1");
    await expectNothingLeft();
    await importAs("acme-2");
    expect(await store.checksum("acme-2")).to.equal(sha256(bytes));
  });

  it("leaves nothing of what opens only with a data key of its own, nor of what is soon sent", async () => {
    const key = randomBytes(32);
    await cutOff("acme-1", (watch) => store.importFile(foreign(path), "acme-1", { key, ...watch }));
    await writeFile(path, bytes.subarray(0, 40 * MIB));
    await cutOff("acme-2", (watch) => importAs("acme-2", watch));
    await expectNothingLeft();
  });
});
