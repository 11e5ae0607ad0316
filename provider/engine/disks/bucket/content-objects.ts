import { randomBytes } from "node:crypto";
import type { KeyOwner, KeyService } from "../../keys/key-service";
import { killPoint } from "../../kill-points";
import type { Bucket } from "../../s3/bucket";
import { partBytesOf, sendObject } from "../../s3/object-upload";
import { untilNone } from "../../s3/until-none";
import { Fault } from "../../violation";
import type { DataKey } from "../disk-store";
import type { Attempt } from "./attempt";
import type { Chunk, ChunkSource } from "./chunks";
import type {
  Begun,
  ContentEntry,
  ContentIndex,
  ObjectDraft,
  SealedObject,
  UnnamedObject,
} from "./content-index";
import { accountPrefix, isObjectKey } from "./object-keys";
import { ObjectCipher } from "./sealed/object-cipher";
import { SealedDisk } from "./sealed/sealed-disk";
import { SealedWriter } from "./sealed/sealed-writer";

/** Bytes of an object beside its chunks': less than this part of them, and this. */
const OVERHEAD = 1 / 1000;
const LEAST_OVERHEAD = 2 ** 20;

/** Disks with less data than this are sealed and sent anew, whatever there is of the same. */
const FOUND_AGAIN = 64 * 2 ** 20;

export interface SealOptions {
  /** What the disk is read from, as `originOf` has it. */
  madeOf?: string;
  /** Of the record: the object opens only with it then. */
  key?: DataKey;
  see?: (chunk: Chunk) => Promise<void>;
  /** Called when so many bytes of the disk are there. */
  sent?: (upTo: number) => void;
}

/** The sealed objects of contents: `<prefix>/<region>/<account>/<object ID>`. */
export class ContentObjects {
  constructor(
    private readonly index: ContentIndex,
    private readonly keys: KeyService,
    private readonly prefix: string,
  ) {}

  keyOf({ region, account, objectId }: KeyOwner & { objectId: string }): string {
    return this.prefixOf({ region, account }) + objectId;
  }

  /** What all objects of an account begin with. */
  prefixOf(owner: KeyOwner): string {
    return accountPrefix(this.prefix, owner);
  }

  /** By its name. */
  isOne(key: string, owner: KeyOwner): boolean {
    return isObjectKey(key, this.prefix, owner);
  }

  /** `recordKey`: for a locked object. */
  async open(
    bucket: Bucket,
    owner: KeyOwner,
    object: SealedObject,
    recordKey?: DataKey,
  ): Promise<SealedDisk> {
    const key = this.keyOf({ ...owner, objectId: object.objectId });
    const cipher = await this.cipher(object, recordKey);
    const read = (offset: number, length: number) => bucket.range(key, offset, length);
    return SealedDisk.open({ read, object, what: bucket.describe(key) }, cipher);
  }

  /** Seals a disk as the object of a content, or carries on what an attempt that was cut off has sent of it. */
  async send(
    { bucket, doing }: Attempt,
    entry: ContentEntry,
    source: ChunkSource,
    { key: recordKey, madeOf, see, sent }: SealOptions,
  ): Promise<SealedObject> {
    // What is locked has a new key for each record.
    const isFoundAgain = !recordKey && source.dataBytes >= FOUND_AGAIN;
    const { draft, cipher, isBegun, isTakenOver } = await this.begin(
      entry,
      recordKey,
      isFoundAgain ? madeOf : undefined,
    );
    if (draft.locked !== (recordKey !== undefined)) {
      throw new Fault(doing, { says: "it was begun with another kind of key, and was cut off" });
    }
    const key = this.keyOf({ ...entry, objectId: draft.objectId });
    const writer = new SealedWriter(draft.objectId, cipher, source.virtualBytes);
    const mostBytes = Math.ceil(source.dataBytes * (1 + OVERHEAD)) + LEAST_OVERHEAD;
    const plan = { bucket, key, partBytes: partBytesOf(mostBytes), resumes: isBegun, sent };
    const outcome = await sendObject(plan, writer.write(source, see));
    if (outcome === "unsettled" && !(await stands(bucket, key, writer))) {
      // Whoever was to read from what stands is gone.
      if (isTakenOver) await bucket.delete(key);
      throw new Fault(doing, {
        says: `another attempt at it works on ${bucket.describe(key)}, or has left it. Run again`,
      });
    }
    killPoint("content-written");
    const { storedBytes, digest } = writer;
    return { ...draft, storedBytes, digest };
  }

  /** Removes an object, or what there is of it. */
  async remove(bucket: Bucket, object: UnnamedObject): Promise<void> {
    const key = this.keyOf(object);
    await bucket.delete(key);
    if (object.state === "whole") return;
    const { uploads } = bucket;
    if ((await uploads.abortAll(key)) > 0) await untilNone(() => uploads.abortAll(key));
  }

  private async begin(
    entry: ContentEntry,
    recordKey: DataKey | undefined,
    madeOf: string | undefined,
  ): Promise<{ draft: ObjectDraft; cipher: ObjectCipher; isBegun: boolean; isTakenOver?: boolean }> {
    if (entry.state === "writing") return this.carryOn(entry, recordKey);
    const { region, account } = entry;
    const { id } = await this.keys.sealingKey({ region, account });
    const { dataKey, wrappedKey } = await this.keys.generateDataKey(id);
    try {
      const objectId = randomBytes(16).toString("hex");
      const own = { objectId, wrappedKey, locked: recordKey !== undefined };
      const draft = await this.index.begin(entry.id, { ...own, madeOf });
      if (draft.objectId !== objectId) return await this.carryOn(draft, recordKey);
      return { draft, cipher: ObjectCipher.of(objectId, dataKey, recordKey), isBegun: false };
    } finally {
      dataKey.fill(0);
    }
  }

  private async carryOn(
    { objectId, wrappedKey, locked, isTakenOver }: Begun,
    recordKey: DataKey | undefined,
  ) {
    const draft = { objectId, wrappedKey, locked };
    return { draft, cipher: await this.cipher(draft, recordKey), isBegun: true, isTakenOver };
  }

  private async cipher(
    { objectId, wrappedKey, locked }: ObjectDraft,
    recordKey: DataKey | undefined,
  ): Promise<ObjectCipher> {
    const dataKey = await this.keys.unwrap(wrappedKey);
    try {
      return ObjectCipher.of(objectId, dataKey, locked ? recordKey : undefined);
    } finally {
      dataKey.fill(0);
    }
  }
}

/** Whether the object that stands is the one that was written: its end tells. */
async function stands(
  bucket: Bucket,
  key: string,
  { storedBytes, tail }: { storedBytes: number; tail: Buffer },
): Promise<boolean> {
  const found = await bucket.range(key, storedBytes - tail.length, tail.length);
  return found !== undefined && found.total === storedBytes && found.bytes.equals(tail);
}
