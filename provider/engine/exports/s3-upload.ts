import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import type { Watch } from "../disks/disk-store";
import type { Bucket } from "../s3/bucket";
import { BucketError } from "../s3/bucket-requests";
import type { SentPart } from "../s3/bucket-uploads";
import { partBytesOf, sendObject } from "../s3/object-upload";
import type { ObjectBytes } from "../s3/parts";
import { statusOf } from "../s3/s3-faults";
import type { ObjectFacts } from "./destination";

const MIB = 2 ** 20;

/** Where an object's metadata has the hexadecimal SHA-256 of its bytes. */
export const CHECKSUM_METADATA = "sha256";

type LocalFile = { path: string } & ObjectFacts;

/**
 * Sends a file as one object, with its SHA-256 in the metadata, as `sendObject` does. What an upload of the very same
 * file that was cut off has sent isn't sent again; uploads of others to the same name are aborted.
 */
export async function upload(
  bucket: Bucket,
  key: string,
  file: LocalFile,
  { progress, signal }: Watch = {},
): Promise<"sent" | "unsettled"> {
  const { sizeBytes, checksum } = file;
  const partBytes = partBytesOf(sizeBytes) + signatureOf(checksum);
  const resumes = await ifAllowed(keepOwn(bucket, key, { sizeBytes, partBytes }), false);
  const metadata = { [CHECKSUM_METADATA]: hexOf(checksum) };
  const sent = (upTo: number) => progress?.(upTo, sizeBytes);
  try {
    return await sendObject({ bucket, key, partBytes, metadata, resumes, sent }, verified(file, signal));
  } catch (error) {
    // Somebody has completed or aborted it.
    if (error instanceof BucketError && (error.cause as Error).name === "NoSuchUpload") return "unsettled";
    if (!(error instanceof BucketError) && !signal?.aborted) await abortUploads(bucket, key).catch(() => 0);
    throw error;
  }
}

/** Returns how many there were. */
export function abortUploads(bucket: Bucket, key: string): Promise<number> {
  return ifAllowed(bucket.uploads.abortAll(key), 0);
}

/**
 * What the parts of a file are longer by. An upload keeps the metadata that it was begun with, and no server tells them
 * before it is complete: so the length of its parts tells which file it was begun for.
 */
function signatureOf(checksum: string): number {
  return parseInt(hexOf(checksum).slice(0, 5), 16) % MIB;
}

function hexOf(checksum: string): string {
  return checksum.replace(/^sha256:/, "");
}

/** Aborts all uploads of the object but one of the same file. Tells whether there is one. */
async function keepOwn(
  bucket: Bucket,
  key: string,
  lengths: { sizeBytes: number; partBytes: number },
): Promise<boolean> {
  let isKept = false;
  for await (const uploadId of bucket.uploads.of(key)) {
    const parts: SentPart[] = [];
    for await (const part of bucket.uploads.parts(key, uploadId)) parts.push(part);
    if (!isKept && isOf(parts, lengths)) isKept = true;
    else await bucket.uploads.abort(key, uploadId);
  }
  return isKept;
}

function isOf(
  parts: readonly SentPart[],
  { sizeBytes, partBytes }: { sizeBytes: number; partBytes: number },
) {
  const last = Math.ceil(sizeBytes / partBytes);
  const rest = sizeBytes - (last - 1) * partBytes;
  return (
    parts.length > 0 &&
    parts.every(({ number, sizeBytes: bytes }) => bytes === (number < last ? partBytes : rest))
  );
}

/** Who may not list uploads, or has a server that doesn't, can still write. */
async function ifAllowed<T>(work: Promise<T>, otherwise: T): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof BucketError)) throw error;
    const { cause } = error;
    if ((cause as Error).name !== "AccessDenied" && statusOf(cause) !== 501) throw error;
    return otherwise;
  }
}

/** The file's bytes; fails at its end, before the object appears, where they aren't what they were when it was made. */
async function* verified({ path, checksum }: LocalFile, signal?: AbortSignal): AsyncGenerator<ObjectBytes> {
  const hash = createHash("sha256");
  let upTo = 0;
  for await (const bytes of createReadStream(path, { highWaterMark: MIB }) as AsyncIterable<Buffer>) {
    signal?.throwIfAborted();
    hash.update(bytes);
    yield { bytes, upTo: (upTo += bytes.length) };
  }
  if (`sha256:${hash.digest("hex")}` !== checksum) throw new Error(`${path} changed while it was sent`);
}
