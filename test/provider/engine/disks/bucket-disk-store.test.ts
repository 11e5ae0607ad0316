import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DeleteObjectCommand } from "@aws-sdk/client-s3";
import { expect } from "chai";
import { MemoryContentIndex } from "../../../../provider/engine/disks/bucket/memory-content-index";
import { BucketDiskStore } from "../../../../provider/engine/disks/bucket-disk-store";
import { MemoryKeyService } from "../../../../provider/engine/keys/memory-key-service";
import { describeWithS3, S3Server } from "../../../support/s3-server";
import { fault, foreign, GIB, MIB, sha256, Watched, writeDisk } from "./disk-fixtures";
import { diskStoreContract } from "./disk-store.contract";

const ACME = { region: "north-1", account: "acme" };

describeWithS3("disks in a bucket", () => {
  let server: S3Server;
  let bucket: string;
  before(async () => {
    server = await S3Server.shared();
    Object.assign(process.env, server.env);
  });
  beforeEach(async () => {
    bucket = await server.newBucket();
  });

  diskStoreContract("BucketDiskStore", (folder, external) => {
    const index = new MemoryContentIndex(() => ACME);
    const options = { bucket, prefix: "a/b", workFolder: join(folder, "work"), external };
    return new BucketDiskStore(index, new MemoryKeyService(), options);
  });

  describe("BucketDiskStore", () => {
    let folder: string;
    let path: string;
    let bytes: Buffer;
    let store: BucketDiskStore;
    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), "images-bucket-"));
      bytes = await writeDisk((path = join(folder, "disk.raw")));
      const index = new MemoryContentIndex((id) => ({ ...ACME, account: id.split("-")[0]! }));
      const options = { bucket, prefix: "own", workFolder: folder };
      store = new BucketDiskStore(index, new MemoryKeyService(), options);
    });
    afterEach(() => rm(folder, { recursive: true }));

    it("keeps an object for what reads the same, as long as anything does, and removes it then", async () => {
      await store.importFile(foreign(path), "acme-1");
      await store.copy("acme-1", "acme-2", { virtualBytes: 8 * MIB });
      await store.share("acme-2", "acme-3");
      await store.overlay("acme-3", "acme-4");
      const [object, ...more] = await server.keys(bucket);
      expect(object).to.match(/^own\/north-1\/acme\/[0-9a-f]{32}$/);
      expect(more).to.deep.equal([]);
      for (const id of ["acme-1", "acme-2", "acme-3"]) await store.remove(id);
      expect(await server.keys(bucket)).to.deep.equal([object]);
      await store.remove("acme-4");
      expect(await server.keys(bucket)).to.deep.equal([]);
    });

    it("keeps nothing in the bucket for blank disks", async () => {
      await store.createBlank("acme-1", 100 * GIB);
      await store.copy("acme-1", "acme-2");
      expect(await server.keys(bucket)).to.deep.equal([]);
    });

    it("seals anew what another account takes a copy of", async () => {
      await store.importFile(foreign(path), "acme-1");
      await store.share("acme-1", "other-1");
      await store.overlay("acme-1", "other-2");
      await store.remove("acme-1");
      for (const id of ["other-1", "other-2"]) expect(await store.checksum(id)).to.equal(sha256(bytes));
    });

    it("reads a content for its checksum once, however grown it is, unless it is asked to read it anew", async () => {
      await store.importFile(foreign(path), "acme-1");
      await store.overlay("acme-1", "acme-2", { virtualBytes: 8 * MIB });
      const { checksum } = await store.copy("acme-2", "acme-3", { checksum: true });
      expect(checksum).to.equal(sha256(Buffer.concat([bytes], 8 * MIB)));
      const [Key] = await server.keys(bucket);
      await server.client.send(new DeleteObjectCommand({ Bucket: bucket, Key }));
      expect(await store.copy("acme-2", "acme-4", { checksum: true })).to.include({ checksum });
      expect(await store.copy("acme-3", "acme-5", { checksum: true })).to.include({ checksum });
      for (const id of ["acme-2", "acme-5"]) expect(await store.checksum(id)).to.equal(checksum);
      expect(await fault(store.checksum("acme-2", { anew: true }))).to.contain("is gone");
      expect(await fault(store.checksum("acme-1"))).to.contain("is gone");
    });

    it("exports what is sparse as a sparse file", async () => {
      const sparse = Buffer.alloc(16 * MIB);
      randomBytes(5000).copy(sparse, 9 * MIB);
      await writeFile(path, sparse);
      await store.importFile(foreign(path), "acme-1", { virtualBytes: 20 * MIB });
      const out = join(folder, "out");
      const watched = new Watched();
      await store.exportFile("acme-1", { path: out, format: "raw" }, { progress: watched.progress });
      watched.expectWhole();
      expect((await readFile(out)).equals(Buffer.concat([sparse, Buffer.alloc(4 * MIB)]))).to.equal(true);
      expect((await stat(out)).blocks * 512).to.be.lessThan(MIB);
    });

    it("takes the checksum of what a sealed content reads as, given its data key", async () => {
      const key = randomBytes(32);
      await store.importFile(foreign(path), "acme-1", { key });
      expect(await store.checksum("acme-1", { fromKey: key })).to.equal(sha256(bytes));
      expect(await fault(store.checksum("acme-1"))).to.contain("disk acme-1 is sealed");
      const other = store.checksum("acme-1", { fromKey: randomBytes(32) });
      expect(await fault(other)).to.contain("doesn't open with its key");
    });

    it("refuses what no record of the catalogue names", async () => {
      const nothing = new MemoryContentIndex(() => ACME);
      nothing.find = async () => undefined;
      const other = new BucketDiskStore(nothing, new MemoryKeyService(), { bucket, prefix: "" });
      expect(await fault(other.createBlank("acme-9", MIB))).to.contain(
        "no record of the catalogue names the disk acme-9",
      );
    });
  });
});
