import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PutBucketPolicyCommand } from "@aws-sdk/client-s3";
import { expect } from "chai";
import { BucketDiskStore } from "../../../../../provider/engine/disks/bucket-disk-store";
import { MemoryContentIndex } from "../../../../../provider/engine/disks/bucket/memory-content-index";
import { MemoryKeyService } from "../../../../../provider/engine/keys/memory-key-service";
import { describeWithS3, S3Server, withEnv } from "../../../../support/s3-server";
import { fault, foreign, MIB, sha256 } from "../disk-fixtures";

/** The policy of docs/decisions/0018: everybody reads what is sealed, an account writes under its own prefix only. */
function policy(bucket: string, users: Record<string, string>): string {
  const all = Object.values(users);
  const readers = { Effect: "Allow", Principal: { AWS: all } };
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        ...readers,
        Action: ["s3:ListBucket", "s3:ListBucketMultipartUploads"],
        Resource: `arn:aws:s3:::${bucket}`,
      },
      { ...readers, Action: "s3:GetObject", Resource: `arn:aws:s3:::${bucket}/disks/*` },
      ...Object.entries(users).map(([account, user]) => ({
        Effect: "Allow",
        Principal: { AWS: [user] },
        Action: ["s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"],
        Resource: `arn:aws:s3:::${bucket}/disks/north-1/${account}/*`,
      })),
    ],
  });
}

describeWithS3("a bucket whose policy binds accounts to their prefixes", () => {
  let server: S3Server;
  let folder: string;
  let path: string;
  let bytes: Buffer;
  let acme: NodeJS.ProcessEnv;
  let other: NodeJS.ProcessEnv;
  let newStore: () => BucketDiskStore;
  before(async () => {
    server = await S3Server.shared();
    Object.assign(process.env, server.env);
    folder = await mkdtemp(join(tmpdir(), "images-policy-"));
    path = join(folder, "disk.raw");
    await writeFile(path, (bytes = randomBytes(20 * MIB)));
    acme = await server.newUser();
    other = await server.newUser();
  });
  after(() => rm(folder, { recursive: true }));
  beforeEach(async () => {
    const bucket = await server.newBucket();
    const users = { acme: acme.AWS_ACCESS_KEY_ID!, other: other.AWS_ACCESS_KEY_ID! };
    await server.client.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy: policy(bucket, users) }));
    const index = new MemoryContentIndex((id) => ({ region: "north-1", account: id.split("-")[0]! }));
    const options = { bucket, prefix: "disks", workFolder: folder };
    const keys = new MemoryKeyService();
    newStore = () => new BucketDiskStore(index, keys, options);
  });

  /** Works with the credentials of a user, which a store takes when it first uses them. */
  function as<T>(user: NodeJS.ProcessEnv, work: (store: BucketDiskStore) => Promise<T>): Promise<T> {
    return withEnv(user, () => work(newStore()));
  }

  it("lets an account write, copy and remove its own disks", async () => {
    await as(acme, async (store) => {
      await store.importFile(foreign(path), "acme-1");
      await store.copy("acme-1", "acme-2");
      await store.remove("acme-1");
      expect(await store.checksum("acme-2")).to.equal(sha256(bytes));
      await store.remove("acme-2");
    });
  });

  it("lets another account take a copy of its own, sealed anew", async () => {
    await as(acme, (store) => store.importFile(foreign(path), "acme-1"));
    await as(other, async (store) => {
      const copy = await store.copy("acme-1", "other-1", { checksum: true });
      expect(copy.checksum).to.equal(sha256(bytes));
    });
    await as(acme, (store) => store.remove("acme-1"));
    await as(other, async (store) => {
      expect(await store.checksum("other-1")).to.equal(sha256(bytes));
    });
  });

  it("keeps an account from writing or removing another one's", async () => {
    await as(acme, (store) => store.importFile(foreign(path), "acme-1"));
    await as(other, async (store) => {
      expect(await fault(store.importFile(foreign(path), "acme-2"))).to.contain("aren't allowed to do this");
      expect(await fault(store.remove("acme-1"))).to.contain("aren't allowed to do this");
    });
  });
});
