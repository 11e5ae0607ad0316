import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { MemoryContentIndex } from "../../../../provider/engine/disks/bucket/memory-content-index";
import { BucketDiskStore } from "../../../../provider/engine/disks/bucket-disk-store";
import { MemoryKeyService } from "../../../../provider/engine/keys/memory-key-service";
import { describeWithS3, S3Server } from "../../../support/s3-server";
import { diskStoreContract } from "./disk-store.contract";

const ACME = { region: "north-1", account: "acme" };

describeWithS3("disks in a bucket", () => {
  let server: S3Server;
  let bucket: string;
  before(async () => {
    server = await S3Server.shared();
    Object.assign(process.env, server.env);
    bucket = await server.newBucket();
  });

  diskStoreContract("BucketDiskStore", (folder, external) => {
    const index = new MemoryContentIndex(() => ACME);
    const workFolder = join(folder, "work");
    return new BucketDiskStore(index, new MemoryKeyService(), {
      bucket,
      prefix: "a/b",
      workFolder,
      external,
    });
  });

  it("takes the checksum of what a sealed content reads as, given its data key", async () => {
    const folder = await mkdtemp(join(tmpdir(), "images-sealed-"));
    try {
      const path = join(folder, "disk.raw");
      const bytes = Buffer.alloc(3 * 2 ** 20 + 512, "disk ");
      await writeFile(path, bytes);
      const index = new MemoryContentIndex(() => ACME);
      const store = new BucketDiskStore(index, new MemoryKeyService(), { bucket, prefix: "c" });
      const key = randomBytes(32);
      await store.importFile({ path, format: "raw", property: "" }, "sealed", { key });
      const expected = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
      expect(await store.checksum("sealed", undefined, key)).to.equal(expected);
      const refused = await store.checksum("sealed").catch((error: Error) => error.message);
      expect(refused).to.match(/disk sealed is sealed/);
      const other = await store.checksum("sealed", undefined, randomBytes(32)).catch((e: Error) => e.message);
      expect(other).to.match(/doesn't open with its key/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
