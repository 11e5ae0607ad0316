import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { CopyObjectCommand, DeleteObjectCommand } from "@aws-sdk/client-s3";
import { expect } from "chai";
import { BucketDiskStore, type BucketOptions } from "../../../../../provider/engine/disks/bucket-disk-store";
import { MemoryContentIndex } from "../../../../../provider/engine/disks/bucket/memory-content-index";
import { MemoryKeyService } from "../../../../../provider/engine/keys/memory-key-service";
import { FaultProxy, type Fate } from "../../../../support/fault-proxy";
import { describeWithS3, S3Server, setEnv, withEnv } from "../../../../support/s3-server";
import { fault, foreign, MIB, sha256 } from "../disk-fixtures";

const OWNER = { region: "north-1", account: "acme" };

describeWithS3("a bucket store", function () {
  let server: S3Server;
  let putBack: () => void;
  let bucket: string;
  let folder: string;
  let bytes: Buffer;
  let index: MemoryContentIndex;
  let keys: MemoryKeyService;
  before(async () => {
    server = await S3Server.start();
    putBack = setEnv(server.env);
    folder = await mkdtemp(join(tmpdir(), "images-bucket-"));
    bytes = randomBytes(40 * MIB);
    await writeFile(join(folder, "disk.raw"), bytes);
  });
  after(async () => {
    putBack();
    await server.remove();
    await rm(folder, { recursive: true });
  });
  beforeEach(async () => {
    bucket = await server.newBucket();
    index = new MemoryContentIndex(() => OWNER);
    keys = new MemoryKeyService();
  });

  function store(options: Partial<BucketOptions> = {}): BucketDiskStore {
    return new BucketDiskStore(index, keys, { bucket, prefix: "", workFolder: folder, ...options });
  }
  const disk = () => foreign(join(folder, "disk.raw"));

  async function expectWhole(at: BucketDiskStore, id: string): Promise<void> {
    const path = join(folder, `${id}.out`);
    const { checksum } = await at.exportFile(id, { path, format: "raw" });
    expect(checksum).to.equal(sha256(bytes));
    expect((await readFile(path)).equals(bytes)).to.equal(true);
    await rm(path);
  }

  async function behind(fate: (connection: number) => Fate, work: (proxy: FaultProxy) => Promise<void>) {
    const proxy = await FaultProxy.before(server.endpoint, fate);
    try {
      await withEnv({ AWS_ENDPOINT_URL_S3: proxy.endpoint }, () => work(proxy));
    } finally {
      await proxy.close();
    }
  }

  it("goes on where the server was away for ten seconds, in the midst of an upload and of a download", async () => {
    const away = async (work: (progress: () => void) => Promise<unknown>) => {
      let gone: Promise<unknown> | undefined;
      await work(() => {
        gone ??= server.end().then(() => wait(10_000).then(() => server.run()));
      });
      await gone;
    };
    await away((progress) => store().importFile(disk(), "d-1", { progress }));
    await away((progress) =>
      store().exportFile("d-1", { path: join(folder, "away"), format: "raw" }, { progress }),
    );
    expect((await readFile(join(folder, "away"))).equals(bytes)).to.equal(true);
    await expectWhole(store(), "d-1");
    expect(await server.uploads(bucket)).to.deep.equal([]);
  });

  it("makes requests again that a server in trouble answers by 503, or breaks off in their midst", async () => {
    const fates: Fate[] = ["slowDown", { resetAfter: 300 * 1024 }, "slowDown", { resetAfter: 0 }];
    await behind(
      (connection) => fates[connection % 6] ?? { resetAfter: 21 * MIB },
      async (proxy) => {
        await store().importFile(disk(), "d-1");
        await expectWhole(store(), "d-1");
        expect(proxy.connections).to.be.greaterThan(8);
      },
    );
    expect(await server.uploads(bucket)).to.deep.equal([]);
  });

  it("settles an upload whose last answer was lost by looking at what stands", async () => {
    let isLast = false;
    let lost = 0;
    await behind(
      () => (isLast && lost++ === 0 ? { resetAfter: 1200 } : "pass"),
      async (proxy) => {
        await store().importFile(disk(), "d-1", {
          progress: (done, total) => {
            if (isLast || done < total * 0.98) return;
            isLast = true;
            proxy.resetAll();
          },
        });
        await expectWhole(store(), "d-1");
      },
    );
    expect(lost).to.be.greaterThan(0);
  });

  it("says when patience ends, and leaves nothing whole", async () => {
    await behind(
      () => "slowDown",
      async (proxy) => {
        expect(await fault(store({ retryMs: 500 }).importFile(disk(), "d-1"))).to.contain(
          `Importing ${disk().path} as disk d-1 failed: ${proxy.endpoint} answered SlowDown (503)`,
        );
      },
    );
    expect(await store().list()).to.deep.equal([]);
    await store().remove("d-1");
    expect([...(await server.keys(bucket)), ...(await server.uploads(bucket))]).to.deep.equal([]);
  });

  it("aborts an upload that fails", async () => {
    const failing = store({ retryMs: 300 }).importFile(disk(), "d-1", {
      progress: () => void server.end(),
    });
    expect(await fault(failing)).to.contain("is out of reach (ECONN");
    await server.run();
    await store().remove("d-1");
    expect([...(await server.keys(bucket)), ...(await server.uploads(bucket))]).to.deep.equal([]);
  });

  it("ends work that is to stop while it waits for a server in trouble, and leaves nothing", async () => {
    await behind(
      () => "slowDown",
      async () => {
        const signal = AbortSignal.timeout(1500);
        const error = await store()
          .importFile(disk(), "d-1", { signal })
          .catch((each: Error) => each);
        expect((error as Error).cause).to.equal(signal.reason);
      },
    );
    await store().remove("d-1");
    expect([...(await server.keys(bucket)), ...(await server.uploads(bucket))]).to.deep.equal([]);
  });

  it("says at once what isn't mended by trying again", async () => {
    const path = disk();
    expect(await fault(store({ bucket: "no-such-bucket" }).importFile(path, "d-1"))).to.contain(
      `there is no bucket no-such-bucket at ${server.endpoint}. Make it`,
    );
    await withEnv({ AWS_SECRET_ACCESS_KEY: "wrong" }, async () => {
      const message = await fault(store().importFile(path, "d-2"));
      expect(message).to.contain("doesn't take the credentials (SignatureDoesNotMatch)");
      expect(message).not.to.contain("wrong");
    });
    await withEnv(await server.newUser(), async () => {
      expect(await fault(store().importFile(path, "d-3"))).to.contain("aren't allowed to do this");
    });
  });

  it("names the object that is gone or was exchanged", async () => {
    await store().importFile(disk(), "d-1");
    await store().importFile(disk(), "d-2");
    const [first, second] = await server.keys(bucket);
    const object = { Bucket: bucket, Key: first! };
    await server.client.send(new CopyObjectCommand({ ...object, CopySource: `${bucket}/${second}` }));
    const exchanged = await Promise.allSettled(["d-1", "d-2"].map((id) => store().checksum(id)));
    const refused = exchanged.flatMap((each) => (each.status === "rejected" ? [String(each.reason)] : []));
    expect(refused).to.have.length(1);
    expect(refused[0]).to.contain(`s3://${bucket}/${first} at ${server.endpoint} is another object`);
    await server.client.send(new DeleteObjectCommand(object));
    const gone = await Promise.allSettled(["d-1", "d-2"].map((id) => store().checksum(id)));
    expect(gone.map((each) => (each.status === "rejected" ? String(each.reason) : "")).join()).to.contain(
      `s3://${bucket}/${first} at ${server.endpoint} is gone`,
    );
  });

  it("says that the server is full, gives it back what it took, and goes on when there is room", async function () {
    const full = await mkdtemp(join(tmpdir(), "images-s3-full-"));
    if (spawnSync("mount", ["-t", "tmpfs", "-o", "size=24m", "tmpfs", full]).status !== 0) this.skip();
    const small = await S3Server.start(full);
    try {
      await withEnv(small.env, async () => {
        const smallBucket = await small.newBucket();
        const inSmall = store({ bucket: smallBucket, retryMs: 1000 });
        const first = randomBytes(4 * MIB);
        await writeFile(join(folder, "first.raw"), first);
        await inSmall.importFile(foreign(join(folder, "first.raw")), "d-1");
        expect(await fault(inSmall.importFile(disk(), "d-2"))).to.contain(
          `there is no space left at ${small.endpoint}`,
        );
        expect(await small.uploads(smallBucket)).to.deep.equal([]);
        expect(await inSmall.checksum("d-1")).to.equal(sha256(first));
        spawnSync("mount", ["-o", "remount,size=200m", full]);
        await inSmall.importFile(disk(), "d-2");
        await expectWhole(inSmall, "d-2");
      });
    } finally {
      await small.remove();
      spawnSync("umount", [full]);
      await rm(full, { recursive: true });
    }
  });
});
