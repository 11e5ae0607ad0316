import type { Readable } from "node:stream";
import { BucketRequests, PAGE } from "./bucket-requests";
import { BucketUploads } from "./bucket-uploads";
import { bytesOf, CONTENT_TYPE, hashed, integrity, type Body, type Metadata } from "./request-body";
import type { Patience } from "./retries";
import { describeEndpoint } from "./s3-client";
import { statusOf } from "./s3-faults";

/**
 * A bucket of any S3 server, one request a method. Requests are made again while the server is in trouble; what it
 * says in the end is thrown as a BucketError.
 */
export class Bucket {
  readonly uploads: BucketUploads;

  private constructor(
    readonly name: string,
    private readonly requests: BucketRequests,
  ) {
    this.uploads = new BucketUploads(name, requests);
  }

  static named(name: string, patience: Patience): Bucket {
    return new Bucket(name, new BucketRequests(patience));
  }

  /** The same bucket with other patience. */
  with(patience: Partial<Patience>): Bucket {
    return new Bucket(this.name, this.requests.with(patience));
  }

  /** "s3://bucket/key at https://…". */
  describe(key: string): string {
    return `s3://${this.name}/${key} at ${describeEndpoint()}`;
  }

  /** Puts a small object, only where the name is free: else `taken`. */
  async put(key: string, body: Body, Metadata?: Metadata): Promise<"put" | "taken"> {
    return this.requests.send(async ({ client, sdk }, abort) => {
      const named = { Bucket: this.name, Key: key, Metadata, ContentType: CONTENT_TYPE };
      const object = { ...named, IfNoneMatch: "*", ...integrity(body) };
      try {
        await client.send(hashed(new sdk.PutObjectCommand(object), body), abort);
        return "put";
      } catch (error) {
        if (statusOf(error) === 412 || statusOf(error) === 409) return "taken";
        throw error;
      }
    });
  }

  /** A range of an object, and how long it is as a whole; undefined where there is none. */
  async range(
    key: string,
    offset: number,
    length: number,
  ): Promise<{ bytes: Buffer; total: number } | undefined> {
    const Range = `bytes=${offset}-${offset + length - 1}`;
    return this.requests.send(async ({ client, sdk }, abort) => {
      const object = { Bucket: this.name, Key: key };
      try {
        const found = await client.send(new sdk.GetObjectCommand({ ...object, Range }), abort);
        const total = Number(/\/(\d+)$/.exec(found.ContentRange ?? "")?.[1] ?? found.ContentLength);
        return { bytes: await bytesOf(found.Body as Readable, found.ContentLength ?? 0), total };
      } catch (error) {
        if (statusOf(error) === 404 && (error as Error).name !== "NoSuchBucket") return undefined;
        if (statusOf(error) !== 416) throw error;
        // It ends before the range begins.
        const { ContentLength: total = 0 } = await client.send(new sdk.HeadObjectCommand(object), abort);
        return { bytes: Buffer.alloc(0), total };
      }
    });
  }

  /** Removing what isn't there does nothing. */
  async delete(key: string): Promise<void> {
    await this.requests.send(({ client, sdk }, abort) =>
      client.send(new sdk.DeleteObjectCommand({ Bucket: this.name, Key: key }), abort),
    );
  }

  /** Keys of all objects under a prefix. */
  async *keys(Prefix: string): AsyncGenerator<string> {
    for (let ContinuationToken: string | undefined; ;) {
      const list = { Bucket: this.name, Prefix, MaxKeys: PAGE, ContinuationToken };
      const page = await this.requests.send(({ client, sdk }, abort) =>
        client.send(new sdk.ListObjectsV2Command(list), abort),
      );
      for (const { Key } of page.Contents ?? []) yield Key!;
      if (!page.IsTruncated) return;
      ContinuationToken = page.NextContinuationToken;
    }
  }
}
