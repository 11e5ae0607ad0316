import { join } from "node:path";
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
    server = await S3Server.start();
    Object.assign(process.env, server.env);
    bucket = await server.newBucket();
  });
  after(() => server.remove());

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
});
