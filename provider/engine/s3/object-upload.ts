import type { CompletedPart } from "@aws-sdk/client-s3";
import { mapInOrder } from "../in-order";
import type { Bucket } from "./bucket";
import { BucketError } from "./bucket-requests";
import type { SentPart } from "./bucket-uploads";
import { PartBuffers, partsOf, type ObjectBytes, type Part } from "./parts";
import { md5, type Body, type Metadata } from "./request-body";
import { isFull } from "./s3-faults";

const MIB = 2 ** 20;
const PART = 8 * MIB;
/** More parts than this no object can have. */
const MOST_PARTS = 10_000;
/** Bytes that are on their way at a time: they lie in memory. */
const ON_THEIR_WAY = 48 * MIB;
/** For clearing away what an upload that failed has left: what doesn't go now is found by the doctor. */
const ABORT_RETRY_MS = 2_000;

/** Bytes of the parts of an object that won't exceed so many. */
export function partBytesOf(mostBytes: number): number {
  return Math.max(PART, Math.ceil(mostBytes / MOST_PARTS / MIB) * MIB);
}

export interface UploadPlan {
  bucket: Bucket;
  key: string;
  /** Bytes of each part but the last: `partBytesOf`, or a little more. */
  partBytes: number;
  metadata?: Metadata;
  /** An earlier attempt may have begun it. */
  resumes: boolean;
  /** Called when the bytes up to there are, as `ObjectBytes` has it. */
  sent?: (upTo: number) => void;
}

/**
 * Sends an object whose bytes come as they are made: in parts, several at a time, each with its checksum for the
 * server to verify. The object appears with its last part, and only where its name is free. An upload that fails stays
 * for the next attempt, which sends only what is missing; it is aborted where the server is full. `unsettled`: something
 * stands there that this call didn't see appear, the same object or another one, or the upload is gone.
 */
export async function sendObject(
  plan: UploadPlan,
  bytes: AsyncIterable<ObjectBytes>,
): Promise<"sent" | "unsettled"> {
  const { partBytes } = plan;
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

async function sendWhole(
  { bucket, key, metadata, resumes, sent }: UploadPlan,
  part: Part,
): Promise<"sent" | "unsettled"> {
  const outcome = await bucket.put(key, part.body, metadata);
  // The source was larger when that was begun.
  const cutOff = resumes ? await cutOffUpload(bucket, key) : undefined;
  if (cutOff) await abort(bucket, key, cutOff.uploadId);
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
    // All of it was sent, and nobody was told: it only remains to be compared.
    for await (const { body, upTo } of parts) {
      buffers.give(body.bytes);
      plan.sent?.(upTo);
    }
    return "unsettled";
  }
  const { uploadId, there } = cutOff ?? {
    uploadId: await bucket.uploads.begin(key, plan.metadata),
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
  for await (const uploadId of bucket.uploads.of(key)) {
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

async function* following(first: Part, rest: AsyncIterable<Part>): AsyncGenerator<Part> {
  yield first;
  yield* rest;
}
