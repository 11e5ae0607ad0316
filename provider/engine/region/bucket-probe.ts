import { createHash, randomBytes } from "node:crypto";
import { bucketOf } from "../disks/bucket/bucket-url";
import { OPERATOR } from "../keys/key-service";
import { Bucket } from "../s3/bucket";
import { BucketError } from "../s3/bucket-requests";
import type { Body } from "../s3/request-body";
import { s3Fault } from "../s3/s3-faults";
import { Fault } from "../violation";

/** Whoever sets a region up sits there and waits. */
const PATIENCE = { retryMs: 5_000 };

/** What is wrong with an answer that was given. */
type Flaw = string | undefined;

/** Looks into the bucket that disks are to be in, and changes nothing. Throws the Fault of what can't be done. */
export async function lookIntoBucket(disks: string): Promise<void> {
  const { bucket, prefix } = bucketOf(disks);
  const store = Bucket.named(bucket, PATIENCE);
  await step(store, `Looking into the bucket ${bucket}`, () => first(store.keys(prefix)));
  await step(store, `Looking for uploads in the bucket ${bucket}`, () => first(store.uploads.under(prefix)));
  await step(store, `Reading in the bucket ${bucket}`, async () => {
    await store.range(probeIn(prefix), 0, 1);
  });
}

/**
 * Does in the operator's own part of a region all that is done with disks: writes an object at once and in parts, reads,
 * lists and deletes it. Throws the Fault of what can't be done; leaves nothing.
 */
export async function tryBucket(disks: string, region: string): Promise<void> {
  const { bucket, prefix } = bucketOf(disks);
  const store = Bucket.named(bucket, PATIENCE);
  const folder = [prefix, region, OPERATOR].filter(Boolean).join("/");
  const there = `under s3://${bucket}/${folder}/`;
  const [whole, inParts] = [probeIn(folder), probeIn(folder)];
  try {
    await step(store, `Writing an object ${there}`, () => write(store, whole));
    await step(store, `Listing objects ${there}`, () => list(store, whole));
    await step(store, `Uploading an object in parts ${there}`, () => upload(store, inParts));
    await step(store, `Aborting an upload ${there}`, () => abort(store, probeIn(folder)));
  } catch (error) {
    for (const key of [whole, inParts]) await store.delete(key).catch(() => undefined);
    throw error;
  }
  for (const key of [whole, inParts])
    await step(store, `Deleting an object ${there}`, () => store.delete(key));
}

async function step(store: Bucket, doing: string, work: () => Promise<Flaw | void>): Promise<void> {
  let flaw: Flaw | void;
  try {
    flaw = await work();
  } catch (error) {
    throw error instanceof BucketError ? s3Fault(error.cause, doing, store.name) : error;
  }
  if (flaw) throw new Fault(doing, { says: flaw });
}

async function write(store: Bucket, key: string): Promise<Flaw> {
  const body = randomBody();
  await store.put(key, body);
  if ((await store.put(key, body)) !== "taken") {
    return "the server writes over what stands (it doesn't know If-None-Match). Take one that has conditional writes";
  }
  return read(store, key, body);
}

async function read(store: Bucket, key: string, { bytes }: Body): Promise<Flaw> {
  const found = await store.range(key, 0, bytes.length);
  return found?.bytes.equals(bytes) ? undefined : "what is read isn't what was written";
}

async function list(store: Bucket, key: string): Promise<Flaw> {
  for await (const found of store.keys(key)) if (found === key) return undefined;
  return "what was just written isn't in the list. Take a server that lists at once what it has";
}

async function upload(store: Bucket, key: string): Promise<Flaw> {
  const body = randomBody();
  const uploadId = await store.uploads.begin(key);
  try {
    const ETag = await store.uploads.sendPart(key, uploadId, 1, body);
    const part = { PartNumber: 1, ETag, ChecksumSHA256: body.sha256.toString("base64") };
    const outcome = await store.uploads.complete(key, uploadId, [part]);
    if (outcome !== "completed") return `the server says of it: ${outcome}`;
  } catch (error) {
    await store.uploads.abort(key, uploadId).catch(() => undefined);
    throw error;
  }
  return read(store, key, body);
}

async function abort(store: Bucket, key: string): Promise<void> {
  await store.uploads.abort(key, await store.uploads.begin(key));
}

async function first(names: AsyncGenerator<unknown>): Promise<void> {
  for await (const _name of names) return;
}

function probeIn(folder: string): string {
  return `${folder === "" ? "" : `${folder}/`}probe-${randomBytes(8).toString("hex")}`;
}

function randomBody(): Body {
  const bytes = randomBytes(64);
  return { bytes, sha256: createHash("sha256").update(bytes).digest() };
}
