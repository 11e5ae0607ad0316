import { createHash } from "node:crypto";
import type { Readable } from "node:stream";
import type { CompletedPart, S3Client } from "@aws-sdk/client-s3";
import { describeEndpoint, openS3Client } from "../../s3/s3-client";
import { statusOf } from "../../s3/s3-faults";
import { IncompleteAnswer, retrying, type Patience } from "../../s3/retries";

type Sdk = Awaited<ReturnType<typeof load>>;

/** What a list tells at a time. */
const PAGE = 1000;

/** What an S3 server or the way to it says in the end: `cause`. */
export class BucketError extends Error {
  constructor(cause: unknown) {
    super(String(cause), { cause });
  }
}

/** The bytes of a request's body, and their SHA-256 for the server to verify. */
export interface Body {
  bytes: Buffer;
  sha256: Buffer;
}

/** A part of an unfinished upload that the server has. */
export interface SentPart {
  number: number;
  sizeBytes: number;
  etag: string;
  /** Base64. */
  sha256?: string;
}

/**
 * A bucket of any S3 server, one request a method. Requests are made again while the server is in trouble; what it
 * says in the end is thrown as a BucketError.
 */
export class Bucket {
  private opening: Promise<{ client: S3Client; sdk: Sdk }> | undefined;

  constructor(
    readonly name: string,
    private readonly patience: Patience,
  ) {}

  /** The same bucket with other patience. */
  with(patience: Partial<Patience>): Bucket {
    const other = new Bucket(this.name, { ...this.patience, ...patience });
    this.opening ??= open();
    other.opening = this.opening;
    return other;
  }

  /** "s3://bucket/key at https://…". */
  describe(key: string): string {
    return `s3://${this.name}/${key} at ${describeEndpoint()}`;
  }

  /** Puts a small object, only where the name is free: else `taken`. */
  async put(key: string, body: Body): Promise<"put" | "taken"> {
    return this.send(async ({ client, sdk }, abort) => {
      const object = { Bucket: this.name, Key: key, IfNoneMatch: "*", ...integrity(body) };
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
    return this.send(async ({ client, sdk }, abort) => {
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
    await this.send(({ client, sdk }, abort) =>
      client.send(new sdk.DeleteObjectCommand({ Bucket: this.name, Key: key }), abort),
    );
  }

  /** Keys of all objects under a prefix. */
  async *keys(Prefix: string): AsyncGenerator<string> {
    for (let ContinuationToken: string | undefined; ;) {
      const list = { Bucket: this.name, Prefix, MaxKeys: PAGE, ContinuationToken };
      const page = await this.send(({ client, sdk }, abort) =>
        client.send(new sdk.ListObjectsV2Command(list), abort),
      );
      for (const { Key } of page.Contents ?? []) yield Key!;
      if (!page.IsTruncated) return;
      ContinuationToken = page.NextContinuationToken;
    }
  }

  /** Uploads under a prefix that were neither completed nor aborted. */
  async *uploads(Prefix: string): AsyncGenerator<{ key: string; uploadId: string }> {
    for (let after: { KeyMarker?: string; UploadIdMarker?: string } = {}; ;) {
      const list = { Bucket: this.name, Prefix, MaxUploads: PAGE, ...after };
      const page = await this.send(({ client, sdk }, abort) =>
        client.send(new sdk.ListMultipartUploadsCommand(list), abort),
      );
      for (const { Key, UploadId } of page.Uploads ?? []) yield { key: Key!, uploadId: UploadId! };
      if (!page.IsTruncated) return;
      after = { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker };
    }
  }

  async beginUpload(key: string): Promise<string> {
    const begun = await this.send(({ client, sdk }, abort) =>
      client.send(
        new sdk.CreateMultipartUploadCommand({
          Bucket: this.name,
          Key: key,
          ChecksumAlgorithm: "SHA256",
          ContentType: "application/octet-stream",
        }),
        abort,
      ),
    );
    return begun.UploadId!;
  }

  async *parts(key: string, uploadId: string): AsyncGenerator<SentPart> {
    for (let PartNumberMarker: string | undefined; ;) {
      const list = { Bucket: this.name, Key: key, UploadId: uploadId, MaxParts: PAGE, PartNumberMarker };
      const page = await this.send(({ client, sdk }, abort) =>
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
    return this.send(async ({ client, sdk }, abort) => {
      const part = { Bucket: this.name, Key: key, UploadId: uploadId, PartNumber: number };
      const sending = hashed(new sdk.UploadPartCommand({ ...part, ...integrity(body) }), body);
      return (await client.send(sending, abort)).ETag!;
    });
  }

  /** The object appears; `taken` where its name isn't free, `unknown` where there is no such upload (any more). */
  async completeUpload(
    key: string,
    uploadId: string,
    parts: readonly CompletedPart[],
  ): Promise<"completed" | "taken" | "unknown"> {
    return this.send(async ({ client, sdk }, abort) => {
      const upload = { Bucket: this.name, Key: key, UploadId: uploadId, IfNoneMatch: "*" };
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
  }

  /** Aborting what isn't there does nothing. */
  async abortUpload(key: string, uploadId: string): Promise<void> {
    const upload = { Bucket: this.name, Key: key, UploadId: uploadId };
    await this.send(async ({ client, sdk }, abort) => {
      await client.send(new sdk.AbortMultipartUploadCommand(upload), abort).catch((error: Error) => {
        if (error.name !== "NoSuchUpload") throw error;
      });
    });
  }

  private async send<T>(
    request: (to: { client: S3Client; sdk: Sdk }, options: { abortSignal?: AbortSignal }) => Promise<T>,
  ): Promise<T> {
    const opened = await (this.opening ??= open());
    const abort = { abortSignal: this.patience.signal };
    try {
      return await retrying(() => request(opened, abort), this.patience);
    } catch (error) {
      throw new BucketError(error);
    }
  }
}

function integrity({ bytes, sha256 }: Body): { Body: Buffer; ContentLength: number; ChecksumSHA256: string } {
  return { Body: bytes, ContentLength: bytes.length, ChecksumSHA256: sha256.toString("base64") };
}

interface Hashable {
  middlewareStack: {
    add(
      middleware: (
        next: (args: never) => unknown,
      ) => (args: { request: { headers: Record<string, string> } }) => unknown,
      options: { step: "build"; name: string },
    ): void;
  };
}

/** The signature takes the body's hash; it is known already, and isn't taken again on the event loop. */
function hashed<C extends object>(command: C, { sha256 }: Body): C {
  (command as unknown as Hashable).middlewareStack.add(
    (next) => (args) => {
      args.request.headers["x-amz-content-sha256"] = sha256.toString("hex");
      return next(args as never);
    },
    { step: "build", name: "knownPayloadHash" },
  );
  return command;
}

async function bytesOf(body: Readable, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  let filled = 0;
  await new Promise<void>((resolve, reject) => {
    body.on("data", (piece: Buffer) => {
      filled += piece.copy(bytes, filled);
    });
    body.once("error", reject).once("end", resolve);
    body.once("close", () => reject(new IncompleteAnswer()));
  });
  if (filled < length) throw new IncompleteAnswer();
  return bytes;
}

/** Hexadecimal MD5, which the ETag of a part is where a server keeps no SHA-256 of it. */
export function md5(bytes: Buffer): string {
  return createHash("md5").update(bytes).digest("hex");
}

async function open(): Promise<{ client: S3Client; sdk: Sdk }> {
  return { client: await openS3Client({ retries: "none" }), sdk: await load() };
}

function load() {
  return import("@aws-sdk/client-s3");
}
