import type { SealedObject } from "../content-index";
import type { ObjectCipher } from "./object-cipher";
import * as flaw from "./sealed-flaws";
import { FOOTER, HEADER, readFooter, readHeader, readRoot, VERSION, writeHeader } from "./sealed-format";
import type { Root } from "./sealed-format";
import { digestOf } from "./sealed-writer";

/** Reads a range of an object, and tells how long the whole object is. Undefined where there is no object. */
export type RangeReader = (
  offset: number,
  length: number,
) => Promise<{ bytes: Buffer; total: number } | undefined>;

/** Where a sealed object is read from, and what it must be. */
export interface StoredObject {
  read: RangeReader;
  object: SealedObject;
  /** "s3://…", for messages. */
  what: string;
}

/** Read with the footer: most roots lie in it. */
const TAIL = 64 * 2 ** 10;

/** Sees to it that the object is the one which its content was finished with, and opens its root. Throws a SealedFlaw. */
export async function openRoot(stored: StoredObject, cipher: ObjectCipher): Promise<Root> {
  const { read, object, what } = stored;
  const tailBytes = Math.min(TAIL, object.storedBytes);
  const [head, tail] = await Promise.all([read(0, HEADER), read(object.storedBytes - tailBytes, tailBytes)]);
  if (!head || !tail) throw flaw.gone(what);
  judgeHeader(head.bytes, stored);
  judgeLength(head.total, stored);
  const footerBytes = tail.bytes.subarray(-FOOTER);
  const footer = readFooter(footerBytes);
  const start = object.storedBytes - FOOTER - (footer?.rootBytes ?? 0);
  if (!footer || start < HEADER) throw flaw.altered(what);
  const { rootBytes, nonce } = footer;
  const end =
    rootBytes + FOOTER <= tailBytes ? tail.bytes : await readRange(stored, start, rootBytes + FOOTER);
  const whole = end.subarray(-FOOTER - rootBytes);
  if (digestOf(whole) !== object.digest) throw flaw.altered(what);
  const root = cipher.open("root", 0, nonce, whole.subarray(0, rootBytes));
  if (!root) throw flaw.wrongKey(what);
  return readRoot(root);
}

/** A range that is there in whole. Throws a SealedFlaw. */
export async function readRange(stored: StoredObject, offset: number, length: number): Promise<Buffer> {
  const found = await stored.read(offset, length);
  if (!found) throw flaw.gone(stored.what);
  judgeLength(found.total, stored);
  return found.bytes;
}

function judgeHeader(header: Buffer, { object: { objectId }, what }: StoredObject): void {
  const found = readHeader(header);
  if (!found) throw flaw.notSealed(what);
  if (found.objectId !== objectId) throw flaw.anotherObject(what, found.objectId);
  if (found.version !== VERSION) throw flaw.unknownVersion(what, `version ${found.version}`);
  if (!header.equals(writeHeader(objectId))) throw flaw.altered(what);
}

function judgeLength(total: number, { object: { storedBytes }, what }: StoredObject): void {
  if (total < storedBytes) throw flaw.cut(what, total, storedBytes);
  if (total > storedBytes) throw flaw.altered(what);
}
