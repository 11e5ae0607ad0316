import type { CompletedPart } from "@aws-sdk/client-s3";
import { PAGE, type BucketRequests } from "./bucket-requests";
import { CONTENT_TYPE, hashed, integrity, type Body, type Metadata } from "./request-body";
import { NotYet } from "./retries";
import { statusOf } from "./s3-faults";

/** A part of an unfinished upload that the server has. */
export interface SentPart {
  number: number;
  sizeBytes: number;
  etag: string;
  /** Base64. */
  sha256?: string;
}

/** The multipart uploads of a bucket, one request a method. */
export class BucketUploads {
  constructor(
    private readonly bucket: string,
    private readonly requests: BucketRequests,
  ) {}

  /** Uploads under a prefix that were neither completed nor aborted. */
  async *under(Prefix: string): AsyncGenerator<{ key: string; uploadId: string }> {
    for (let after: { KeyMarker?: string; UploadIdMarker?: string } = {}; ;) {
      const list = { Bucket: this.bucket, Prefix, MaxUploads: PAGE, ...after };
      const page = await this.requests.send(({ client, sdk }, abort) =>
        client.send(new sdk.ListMultipartUploadsCommand(list), abort),
      );
      for (const { Key, UploadId } of page.Uploads ?? []) yield { key: Key!, uploadId: UploadId! };
      if (!page.IsTruncated) return;
      after = { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker };
    }
  }

  /** IDs of the uploads of one object. */
  async *of(key: string): AsyncGenerator<string> {
    for await (const upload of this.under(key)) if (upload.key === key) yield upload.uploadId;
  }

  async begin(key: string, Metadata?: Metadata): Promise<string> {
    const begun = await this.requests.send(({ client, sdk }, abort) =>
      client.send(
        new sdk.CreateMultipartUploadCommand({
          Bucket: this.bucket,
          Key: key,
          ChecksumAlgorithm: "SHA256",
          ContentType: CONTENT_TYPE,
          Metadata,
        }),
        abort,
      ),
    );
    return begun.UploadId!;
  }

  async *parts(key: string, uploadId: string): AsyncGenerator<SentPart> {
    for (let PartNumberMarker: string | undefined; ;) {
      const list = { Bucket: this.bucket, Key: key, UploadId: uploadId, MaxParts: PAGE, PartNumberMarker };
      const page = await this.requests.send(({ client, sdk }, abort) =>
        client.send(new sdk.ListPartsCommand(list), abort),
      );
      for (const { PartNumber, Size = 0, ETag = "", ChecksumSHA256: sha256 } of page.Parts ?? []) {
        yield { number: PartNumber!, sizeBytes: Size, etag: ETag, sha256 };
      }
      if (!page.IsTruncated) return;
      PartNumberMarker = page.NextPartNumberMarker;
    }
  }

  /** Returns the part's ETag. */
  async sendPart(key: string, uploadId: string, number: number, body: Body): Promise<string> {
    return this.requests.send(async ({ client, sdk }, abort) => {
      const part = { Bucket: this.bucket, Key: key, UploadId: uploadId, PartNumber: number };
      const sending = hashed(new sdk.UploadPartCommand({ ...part, ...integrity(body) }), body);
      return (await client.send(sending, abort)).ETag!;
    });
  }

  /** The object appears; `taken` where its name isn't free, `unknown` where there is no such upload (any more). */
  async complete(
    key: string,
    uploadId: string,
    parts: readonly CompletedPart[],
  ): Promise<"completed" | "taken" | "unknown"> {
    let tries = 0;
    const outcome = await this.requests.send(async ({ client, sdk }, abort) => {
      const upload = { Bucket: this.bucket, Key: key, UploadId: uploadId, IfNoneMatch: "*" };
      tries++;
      try {
        const MultipartUpload = { Parts: [...parts] };
        await client.send(new sdk.CompleteMultipartUploadCommand({ ...upload, MultipartUpload }), abort);
        return "completed";
      } catch (error) {
        if (statusOf(error) === 412 || statusOf(error) === 409) return "taken";
        if ((error as Error).name === "NoSuchUpload") return "unknown";
        throw error;
      }
    });
    if (outcome === "completed" && tries > 1) await this.appearance(key);
    return outcome;
  }

  /** Aborting what isn't there does nothing. */
  async abort(key: string, uploadId: string): Promise<void> {
    const upload = { Bucket: this.bucket, Key: key, UploadId: uploadId };
    await this.requests.send(async ({ client, sdk }, abort) => {
      await client.send(new sdk.AbortMultipartUploadCommand(upload), abort).catch((error: Error) => {
        if (error.name !== "NoSuchUpload") throw error;
      });
    });
  }

  /** Aborts all of one object. Returns how many there were. */
  async abortAll(key: string): Promise<number> {
    let found = 0;
    for await (const uploadId of this.of(key)) {
      found++;
      await this.abort(key, uploadId);
    }
    return found;
  }

  /** Servers confirm a completion that is asked for again while they are at it still. */
  private async appearance(Key: string): Promise<void> {
    await this.requests.send(async ({ client, sdk }, abort) => {
      const object = new sdk.HeadObjectCommand({ Bucket: this.bucket, Key });
      await client.send(object, abort).catch((error: unknown) => {
        if (statusOf(error) !== 404) throw error;
        throw new NotYet("the server hasn't put the object together yet. Run again");
      });
    });
  }
}
