import { createHash } from "node:crypto";
import type { HeadObjectCommandOutput, S3Client } from "@aws-sdk/client-s3";
import type { Watch } from "../disks/disk-store";
import { Bucket } from "../s3/bucket";
import { BucketError } from "../s3/bucket-requests";
import { RETRY_MS } from "../s3/retries";
import { describeEndpoint, openS3Client } from "../s3/s3-client";
import { s3Fault, statusOf, WRITTEN_BY_OTHERS } from "../s3/s3-faults";
import { Fault } from "../violation";
import { isSame, judged } from "./destination";
import type { Destination, ObjectFacts, StoredObject } from "./destination";
import { abortUploads, CHECKSUM_METADATA, upload } from "./s3-upload";

type Sdk = Awaited<ReturnType<typeof load>>;
type Found = StoredObject & { etag?: string };

/** Objects in a bucket of any S3 server. The whole file's checksum stands in each object's metadata. */
export class S3Destination implements Destination {
  readonly described: string;
  private opening: Promise<{ client: S3Client; sdk: Sdk }> | undefined;

  /** `retryMs`: how long a request of an upload that fails is made again, ms. */
  constructor(
    private readonly bucket: string,
    private readonly retryMs = RETRY_MS,
  ) {
    this.described = `the bucket ${bucket} at ${describeEndpoint()}`;
  }

  /** There is the bucket, and the server takes the credentials. */
  probe(name: string, { signal }: Watch = {}): Promise<void> {
    const doing = `Looking into ${this.described}`;
    const look = async () => {
      const bucket = Bucket.named(this.bucket, { retryMs: this.retryMs, signal });
      try {
        await bucket.keys(name).next();
      } catch (error) {
        // Who may not list it may write into it all the same.
        if (((error as BucketError).cause as Error | undefined)?.name !== "AccessDenied") throw error;
      }
    };
    return this.attempt(doing, look, signal);
  }

  stat(name: string, sizeBytes?: number): Promise<StoredObject | undefined> {
    return this.attempt(`Looking at ${name} in ${this.described}`, async () => {
      const found = await this.look(name, sizeBytes);
      return found && { sizeBytes: found.sizeBytes, checksum: found.checksum };
    });
  }

  put(file: { path: string } & ObjectFacts, name: string, watch: Watch = {}) {
    const { signal } = watch;
    const doing = `Writing ${name} to ${this.described}`;
    return this.attempt(
      doing,
      async () => {
        const bucket = Bucket.named(this.bucket, { retryMs: this.retryMs, signal });
        const before = judged(await this.look(name, file.sizeBytes, signal), file);
        const outcome = before ?? (await upload(bucket, name, file, watch));
        // What was on its way to an upload that is over may have brought that back.
        await abortUploads(bucket, name).catch(() => 0);
        if (before) return before;
        const there = await this.look(name, file.sizeBytes, signal);
        if (outcome === "unsettled") {
          const found = judged(there, file);
          if (found) return found;
          throw new Fault(doing, { says: WRITTEN_BY_OTHERS });
        }
        if (there && isSame(there, file)) return "written";
        throw new Fault(doing, { says: "what stands there afterwards isn't what was sent. Run again" });
      },
      signal,
    );
  }

  remove(name: string, facts: ObjectFacts) {
    return this.attempt(`Removing ${name} from ${this.described}`, async () => {
      const { client, sdk } = await this.open();
      const found = await this.look(name, facts.sizeBytes);
      if (!found) return "gone";
      if (!isSame(found, facts)) return "changed";
      const object = { Bucket: this.bucket, Key: name };
      try {
        await client.send(new sdk.DeleteObjectCommand({ ...object, IfMatch: found.etag }));
      } catch (error) {
        if (statusOf(error) === 412) return "changed";
        // Not every server knows the condition; what was looked at a moment ago is what goes.
        if (statusOf(error) !== 501) throw error;
        await client.send(new sdk.DeleteObjectCommand(object));
      }
      return "removed";
    });
  }

  async close(): Promise<void> {
    const opened = await this.opening?.catch(() => undefined);
    opened?.client.destroy();
  }

  private async look(name: string, sizeBytes?: number, signal?: AbortSignal): Promise<Found | undefined> {
    const head = await this.head(name);
    if (!head) return undefined;
    const { ContentLength: size = 0, Metadata = {}, ETag: etag } = head;
    const recorded = Metadata[CHECKSUM_METADATA];
    if (recorded !== undefined) return { sizeBytes: size, checksum: `sha256:${recorded}`, etag };
    // Not put here by an export: only its bytes tell.
    if (sizeBytes !== undefined && size !== sizeBytes) return { sizeBytes: size, etag };
    return { sizeBytes: size, checksum: await this.checksum(name, signal), etag };
  }

  private async head(name: string): Promise<HeadObjectCommandOutput | undefined> {
    const { client, sdk } = await this.open();
    try {
      return await client.send(new sdk.HeadObjectCommand({ Bucket: this.bucket, Key: name }));
    } catch (error) {
      if (statusOf(error) === undefined) throw error;
      // An answer to HEAD has no body that tells what is wrong: an answer to a list has.
      const list = { Bucket: this.bucket, Prefix: name, MaxKeys: 1 };
      await client.send(new sdk.ListObjectsV2Command(list)).catch((reason: Error) => {
        if (reason.name !== "AccessDenied") throw reason;
      });
      if (statusOf(error) === 404) return undefined;
      throw error;
    }
  }

  private async checksum(name: string, signal?: AbortSignal): Promise<string> {
    const { client, sdk } = await this.open();
    const { Body } = await client.send(new sdk.GetObjectCommand({ Bucket: this.bucket, Key: name }), {
      abortSignal: signal,
    });
    const hash = createHash("sha256");
    for await (const chunk of Body as AsyncIterable<Buffer>) {
      signal?.throwIfAborted();
      hash.update(chunk);
    }
    return `sha256:${hash.digest("hex")}`;
  }

  private open(): Promise<{ client: S3Client; sdk: Sdk }> {
    this.opening ??= (async () => ({
      client: await openS3Client(),
      sdk: await load(),
    }))();
    return this.opening;
  }

  private async attempt<T>(doing: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    try {
      signal?.throwIfAborted();
      return await work();
    } catch (error) {
      if (signal?.aborted && !Fault.is(error)) throw new Fault(doing, { cause: signal.reason });
      throw s3Fault(error instanceof BucketError ? error.cause : error, doing, this.bucket);
    }
  }
}

function load() {
  return import("@aws-sdk/client-s3");
}
