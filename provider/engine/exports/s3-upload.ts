import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import type { S3Client } from "@aws-sdk/client-s3";
import type { Watch } from "../disks/disk-store";
import type { ObjectFacts } from "./destination";

const MIB = 2 ** 20;
const PART = 16 * MIB;
/** More parts than this no object can have. */
const MOST_PARTS = 10_000;
/** Parts on their way at a time: they lie in memory. */
const AT_ONCE = 4;

/**
 * Sends a file as one object: in parts where it is large, each with its SHA-256 for the server to verify, and the whole
 * file's in the metadata. The object appears with its last part, and only where the name is free (else 412); an upload
 * that fails is aborted.
 */
export async function upload(
  client: S3Client,
  object: { Bucket: string; Key: string },
  { path, sizeBytes, checksum }: { path: string } & ObjectFacts,
  { progress, signal }: Watch = {},
): Promise<void> {
  const { Upload } = await import("@aws-sdk/lib-storage");
  const partSize = Math.max(PART, Math.ceil(sizeBytes / MOST_PARTS / MIB) * MIB);
  const abortController = new AbortController();
  const abort = () => abortController.abort(signal?.reason);
  const sending = new Upload({
    client,
    abortController,
    partSize,
    queueSize: AT_ONCE,
    params: {
      ...object,
      Body: Readable.from(verified(path, checksum)),
      ContentType: "application/octet-stream",
      ChecksumAlgorithm: "SHA256",
      Metadata: { sha256: checksum.replace(/^sha256:/, "") },
      IfNoneMatch: "*",
    },
  });
  sending.on("httpUploadProgress", ({ loaded = 0 }) => progress?.(loaded, sizeBytes));
  signal?.throwIfAborted();
  signal?.addEventListener("abort", abort);
  await sending.done().finally(() => signal?.removeEventListener("abort", abort));
}

/** The file's bytes; fails at its end, before the object appears, where they aren't what they were when it was made. */
async function* verified(path: string, checksum: string): AsyncGenerator<Buffer> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path, { highWaterMark: MIB })) {
    hash.update(chunk as Buffer);
    yield chunk as Buffer;
  }
  if (`sha256:${hash.digest("hex")}` !== checksum) throw new Error(`${path} changed while it was sent`);
}
