import { createHash } from "node:crypto";
import type { CompletedPart } from "@aws-sdk/client-s3";
import { isFull } from "../../s3/s3-faults";
import type { Bucket } from "./bucket";
import { BucketError } from "./bucket-requests";
import type { SentPart } from "./bucket-uploads";
import { mapInOrder } from "./in-order";
import { release } from "./release";
import { md5, type Body } from "./request-body";
import type { SealedBytes } from "./sealed-writer";

const MIB = 2 ** 20;
const PART = 8 * MIB;
/** More parts than this no object can have. */
const MOST_PARTS = 10_000;
/** Bytes that are on their way at a time: they lie in memory. */
const ON_THEIR_WAY = 24 * MIB;
/** For clearing away what an upload that failed has left: what doesn't go now is found by the doctor. */
const ABORT_RETRY_MS = 2_000;

export interface UploadPlan {
  bucket: Bucket;
  key: string;
  /** Bytes that the object won't exceed. */
  mostBytes: number;
  /** An earlier attempt may have begun it. */
  resumes: boolean;
  /** Called when so many bytes of the disk are there. */
  sent?: (upTo: number) => void;
}

interface Part {
  number: number;
  body: Body;
  upTo: number;
  isLast: boolean;
}

/**
 * Sends an object whose bytes come as they are made: in parts, several at a time, each with its checksum for the
 * server to verify. The object appears with its last part, and only where its name is free. An upload that fails stays
 * for the next attempt, which sends only what is missing; it is aborted where the server is full. `unsettled`: something
 * stands there that this call didn't see appear, the same object or another one, or the upload is gone.
 */
export async function sendObject(
  plan: UploadPlan,
  bytes: AsyncIterable<SealedBytes>,
): Promise<"sent" | "unsettled"> {
  const partBytes = Math.max(PART, Math.ceil(plan.mostBytes / MOST_PARTS / MIB) * MIB);
  const buffers = new PartBuffers(partBytes);
  const parts = partsOf(bytes, buffers);
  try {
    const first = await parts.next();
    if (first.done) throw new Error("there is nothing to send");
    if (first.value.isLast) return await sendWhole(plan, first.value);
    const lanes = Math.max(1, Math.floor(ON_THEIR_WAY / partBytes));
    return await sendParts(plan, following(first.value, parts), lanes, buffers);
  } finally {
    await parts.return(undefined);
    buffers.release();
  }
}

async function sendWhole({ bucket, key, sent }: UploadPlan, part: Part): Promise<"sent" | "unsettled"> {
  const outcome = await bucket.put(key, part.body);
  sent?.(part.upTo);
  return outcome === "put" ? "sent" : "unsettled";
}

async function sendParts(
  plan: UploadPlan,
  parts: AsyncIterable<Part>,
  lanes: number,
  buffers: PartBuffers,
): Promise<"sent" | "unsettled"> {
  const { bucket, key } = plan;
  const cutOff = plan.resumes ? await cutOffUpload(bucket, key) : undefined;
  if (plan.resumes && !cutOff && (await bucket.range(key, 0, 1))) {
    for await (const { body, upTo } of parts) {
      buffers.give(body.bytes);
      plan.sent?.(upTo);
    }
    return "unsettled";
  }
  const { uploadId, there } = cutOff ?? {
    uploadId: await bucket.uploads.begin(key),
    there: new Map<number, SentPart>(),
  };
  try {
    const send = async ({ number, body, upTo }: Part): Promise<CompletedPart & { upTo: number }> => {
      const found = there.get(number);
      const etag = isSame(found, body)
        ? found.etag
        : await bucket.uploads.sendPart(key, uploadId, number, body);
      buffers.give(body.bytes);
      return { PartNumber: number, ETag: etag, ChecksumSHA256: body.sha256.toString("base64"), upTo };
    };
    const completed: CompletedPart[] = [];
    for await (const { upTo, ...part } of mapInOrder(parts, lanes, send)) {
      completed.push(part);
      plan.sent?.(upTo);
    }
    const outcome = await bucket.uploads.complete(key, uploadId, completed);
    if (outcome === "taken") await abort(bucket, key, uploadId);
    return outcome === "completed" ? "sent" : "unsettled";
  } catch (error) {
    if (error instanceof BucketError && isFull(error.cause)) await abort(bucket, key, uploadId);
    throw error;
  }
}

/** The upload of an attempt that was cut off, with the parts that it has sent. */
async function cutOffUpload(
  bucket: Bucket,
  key: string,
): Promise<{ uploadId: string; there: Map<number, SentPart> } | undefined> {
  for await (const found of bucket.uploads.under(key)) {
    if (found.key !== key) continue;
    const { uploadId } = found;
    const there = new Map<number, SentPart>();
    for await (const part of bucket.uploads.parts(key, uploadId)) there.set(part.number, part);
    return { uploadId, there };
  }
  return undefined;
}

function isSame(found: SentPart | undefined, { bytes, sha256 }: Body): found is SentPart {
  if (found?.sizeBytes !== bytes.length) return false;
  return found.sha256 === undefined
    ? found.etag === `"${md5(bytes)}"`
    : found.sha256 === sha256.toString("base64");
}

async function abort(bucket: Bucket, key: string, uploadId: string): Promise<void> {
  const patient = bucket.with({ retryMs: ABORT_RETRY_MS, signal: undefined });
  await patient.uploads.abort(key, uploadId).catch(() => undefined);
}

/** Cuts a stream into parts of the same length, the last one shorter. */
async function* partsOf(bytes: AsyncIterable<SealedBytes>, buffers: PartBuffers): AsyncGenerator<Part> {
  let number = 1;
  let part = buffers.take();
  let filled = 0;
  let hash = createHash("sha256");
  let end = 0;
  const body = (): Body => ({ bytes: part.subarray(0, filled), sha256: hash.digest() });
  for await (const { bytes: piece, upTo } of bytes) {
    for (let taken = 0; taken < piece.length;) {
      if (filled === part.length) {
        yield { number: number++, body: body(), upTo: end, isLast: false };
        [part, filled, hash] = [buffers.take(), 0, createHash("sha256")];
      }
      const copied = piece.copy(part, filled, taken);
      hash.update(part.subarray(filled, filled + copied));
      taken += copied;
      filled += copied;
    }
    end = upTo;
  }
  yield { number, body: body(), upTo: end, isLast: true };
}

async function* following(first: Part, rest: AsyncIterable<Part>): AsyncGenerator<Part> {
  yield first;
  yield* rest;
}

/** Buffers of parts, used again when what was in them is sent. */
class PartBuffers {
  private readonly free: Buffer[] = [];

  constructor(private readonly size: number) {}

  take(): Buffer {
    return this.free.pop() ?? Buffer.allocUnsafe(this.size);
  }

  give(bytes: Buffer): void {
    if (bytes.length === this.size) this.free.push(bytes);
  }

  release(): void {
    this.free.splice(0).forEach(release);
  }
}
