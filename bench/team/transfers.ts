import { createReadStream, mkdtempSync, rmSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GetObjectCommand, HeadObjectCommand } from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { BucketDiskStore } from "../../provider/engine/disks/bucket-disk-store";
import { ContentObjects } from "../../provider/engine/disks/bucket/content-objects";
import { downloadDisk } from "../../provider/engine/disks/bucket/disk-download";
import { MemoryContentIndex } from "../../provider/engine/disks/bucket/memory-content-index";
import { MemoryKeyService } from "../../provider/engine/keys/memory-key-service";
import { Bucket } from "../../provider/engine/s3/bucket";
import type { TeamServers } from "../../test/support/regions/team-servers";
import type { S3Server } from "../../test/support/s3-server";
import type { Figure } from "../figure";
import { atLeast, median, seconds } from "../figure";
import { writeRandom } from "../random-file";

const GIB = 2 ** 30;
const PAIRS = 5;
/** The plain transfers': what is quickest on this server. */
const PART = 16 * 2 ** 20;
const AT_ONCE = 4;

/** A disk sealed into the bucket and opened from it, against the same bytes as they are by the SDK's own means. */
export async function transfers({ s3 }: TeamServers): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), "images-bench-"));
  try {
    const file = join(folder, "random.raw");
    writeRandom(file, GIB);
    const [up, down]: [number[], number[]] = [[], []];
    for (let pair = 0; pair < PAIRS; pair++) {
      const bucket = await s3.newBucket();
      const sealed = new SealedTransfer(bucket);
      const plain = new PlainTransfer(s3, bucket);
      const copy = join(folder, "copy.raw");
      const ratio = async (theirs: () => Promise<void>, ours: () => Promise<void>) =>
        (await seconds(theirs)) / (await seconds(ours));
      up.push(
        await ratio(
          () => plain.upload(file),
          () => sealed.upload(file),
        ),
      );
      down.push(
        await ratio(
          () => plain.download(copy),
          () => sealed.download(copy),
        ),
      );
      await s3.removeBucket(bucket);
    }
    const note = `random bytes, sealed, against multipart with no sealing; median of ${PAIRS} pairs`;
    return [
      atLeast("upload of a 1 GiB disk, as quick as plain", 0.8, median(up), "×", note),
      atLeast("download of a 1 GiB disk, as quick as plain", 0.8, median(down), "×", note),
    ];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

class SealedTransfer {
  private readonly index = new MemoryContentIndex(() => ({ region: "local", account: "default" }));
  private readonly keys = new MemoryKeyService();

  constructor(private readonly bucket: string) {}

  async upload(path: string): Promise<void> {
    const store = new BucketDiskStore(this.index, this.keys, { bucket: this.bucket, prefix: "disks" });
    await store.importFile({ path, format: "raw", property: "diskFile" }, "disk");
  }

  async download(path: string): Promise<void> {
    const entry = await this.index.find("disk");
    if (entry?.state !== "whole") throw new Error("the disk isn't there");
    const objects = new ContentObjects(this.index, this.keys, "disks");
    const bucket = Bucket.named(this.bucket, { retryMs: 0 });
    const target = await open(path, "w");
    try {
      await downloadDisk(await objects.open(bucket, entry, entry.object!), target);
    } finally {
      await target.close();
    }
  }
}

class PlainTransfer {
  private readonly place: { Bucket: string; Key: string };

  constructor(
    private readonly s3: S3Server,
    Bucket: string,
  ) {
    this.place = { Bucket, Key: "plain" };
  }

  async upload(path: string): Promise<void> {
    const params = { ...this.place, Body: createReadStream(path, { highWaterMark: 2 ** 20 }) };
    await new Upload({ client: this.s3.client, params, partSize: PART, queueSize: AT_ONCE }).done();
  }

  async download(path: string): Promise<void> {
    const { ContentLength } = await this.s3.client.send(new HeadObjectCommand(this.place));
    const target = await open(path, "w");
    let next = 0;
    const lane = async (): Promise<void> => {
      for (let from = PART * next++; from < ContentLength!; from = PART * next++) {
        const Range = `bytes=${from}-${Math.min(from + PART, ContentLength!) - 1}`;
        const { Body } = await this.s3.client.send(new GetObjectCommand({ ...this.place, Range }));
        await target.write(await Body!.transformToByteArray(), 0, undefined, from);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, lane));
    await target.close();
  }
}
