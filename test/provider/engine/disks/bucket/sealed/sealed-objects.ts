import { randomBytes } from "node:crypto";
import { CHUNK, chunkLength } from "../../../../../../provider/engine/disks/bucket/chunks";
import type { Batch, ChunkSource } from "../../../../../../provider/engine/disks/bucket/chunks";
import type { SealedObject } from "../../../../../../provider/engine/disks/bucket/content-index";
import { ObjectCipher } from "../../../../../../provider/engine/disks/bucket/sealed/object-cipher";
import { SealedDisk } from "../../../../../../provider/engine/disks/bucket/sealed/sealed-disk";
import { SealedWriter } from "../../../../../../provider/engine/disks/bucket/sealed/sealed-writer";

/** A disk in memory, sealed: its object's bytes, and what its content's entry says of them. */
export interface Sealed {
  bytes: Buffer;
  object: SealedObject;
  cipher: ObjectCipher;
}

export function chunksOf(disk: Buffer): ChunkSource {
  const count = Math.ceil(disk.length / CHUNK);
  const batches = Array.from({ length: count }, (_, number): Batch => {
    const start = number * CHUNK;
    const end = start + chunkLength(number, disk.length);
    return { end, read: async () => [{ number, bytes: Buffer.from(disk.subarray(start, end)) }] };
  });
  return { virtualBytes: disk.length, dataBytes: disk.length, batches: () => batches };
}

export async function sealed(
  disk: Buffer,
  {
    objectId = randomBytes(16).toString("hex"),
    dataKey = randomBytes(32),
    pageEntries = undefined as number | undefined,
  } = {},
): Promise<Sealed> {
  const cipher = ObjectCipher.of(objectId, dataKey);
  const writer = new SealedWriter(objectId, cipher, disk.length, pageEntries);
  const parts: Buffer[] = [];
  for await (const { bytes } of writer.write(chunksOf(disk))) parts.push(Buffer.from(bytes));
  const { storedBytes, digest } = writer;
  const object = { objectId, wrappedKey: "", locked: false, storedBytes, digest };
  return { bytes: Buffer.concat(parts), object, cipher };
}

/** Opens bytes as what an entry says that they are. `asked`: collects the ranges that are read. */
export function opened(
  bytes: Buffer | undefined,
  { object, cipher }: Pick<Sealed, "object" | "cipher">,
  asked: [offset: number, length: number][] = [],
): Promise<SealedDisk> {
  const read = async (offset: number, length: number) => {
    asked.push([offset, length]);
    return bytes && { bytes: bytes.subarray(offset, offset + length), total: bytes.length };
  };
  return SealedDisk.open({ read, object, what: "s3://b/k" }, cipher);
}

/** Everything that a disk reads as. */
export async function contentOf(disk: SealedDisk, from?: number, to?: number): Promise<Buffer> {
  const content = Buffer.alloc(disk.virtualBytes);
  for await (const batch of disk.batches(from, to)) {
    for (const { number, bytes } of await batch.read()) bytes.copy(content, number * CHUNK);
  }
  return content;
}
