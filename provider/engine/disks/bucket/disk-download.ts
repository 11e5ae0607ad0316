import type { FileHandle } from "node:fs/promises";
import { mapInOrder } from "../../in-order";
import { release } from "../../release";
import { SparseWriter } from "../sparse-writer";
import { CHUNK, type ChunkSource } from "./chunks";
import { DiskHash } from "./disk-hash";

/** Batches that are read at a time. */
const LANES = 6;

/** Writes a disk to a file that reads as zeros, leaving holes; the caller syncs it where it is to last. `done`: bytes from the beginning. */
export async function downloadDisk(
  source: ChunkSource,
  target: FileHandle,
  done?: (bytes: number) => void,
): Promise<void> {
  const writer = new SparseWriter(target, true);
  const written = mapInOrder(source.batches(), LANES, async (batch) => {
    for (const { number, bytes } of await batch.read()) {
      await writer.write(bytes, number * CHUNK);
      release(bytes);
    }
    return batch.end;
  });
  for await (const end of written) done?.(end);
  await writer.end();
}

/** The checksum of a disk that is grown with zeros to `virtualBytes`. */
export async function hashDisk(
  source: ChunkSource,
  virtualBytes: number,
  { done, signal }: { done?: (bytes: number) => void; signal?: AbortSignal } = {},
): Promise<string> {
  const hash = new DiskHash(signal);
  const read = mapInOrder(source.batches(), LANES, async (batch) => ({
    chunks: await batch.read(),
    ...batch,
  }));
  for await (const { chunks, end } of read) {
    for (const chunk of chunks) {
      await hash.add(chunk);
      release(chunk.bytes);
    }
    done?.(end);
  }
  return hash.end(virtualBytes);
}
