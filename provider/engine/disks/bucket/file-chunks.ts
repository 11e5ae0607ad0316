import type { Piece } from "../sparse-copy";
import { readWhole } from "../sparse-copy";
import { CHUNK, chunkLength, type Batch, type Chunk, type ChunkSource } from "./chunks";

/** The chunks of files that lie on this machine, read where their pieces say that there is data. */
export function fileChunks(pieces: readonly Piece[], virtualBytes: number): ChunkSource {
  return { virtualBytes, dataBytes: bytesOf(pieces), batches: () => batchesOf(pieces, virtualBytes) };
}

/** A chunk counts as a whole, however little of it is data. */
function bytesOf(pieces: readonly Piece[]): number {
  let chunks = 0;
  let last = -1;
  for (const { start, length } of pieces) {
    const [first, end] = [Math.floor(start / CHUNK), Math.floor((start + length - 1) / CHUNK)];
    chunks += end - Math.max(first, last + 1) + 1;
    last = end;
  }
  return chunks * CHUNK;
}

function* batchesOf(pieces: readonly Piece[], virtualBytes: number): Generator<Batch> {
  let parts: Piece[] = [];
  let number = -1;
  const batch = () => chunkOf(number, parts, virtualBytes);
  for (const piece of pieces) {
    for (let taken = 0; taken < piece.length;) {
      const start = piece.start + taken;
      const next = Math.floor(start / CHUNK);
      if (next !== number) {
        if (parts.length > 0) yield batch();
        [number, parts] = [next, []];
      }
      const length = Math.min(piece.length - taken, (next + 1) * CHUNK - start);
      parts.push({ start, length, file: piece.file, offset: piece.offset + taken });
      taken += length;
    }
  }
  if (parts.length > 0) yield batch();
}

function chunkOf(number: number, parts: readonly Piece[], virtualBytes: number): Batch {
  const length = chunkLength(number, virtualBytes);
  const start = number * CHUNK;
  const read = async (): Promise<Chunk[]> => {
    const isWhole = parts.length === 1 && parts[0]!.length === length;
    const bytes = isWhole ? Buffer.allocUnsafe(length) : Buffer.alloc(length);
    await Promise.all(
      parts.map((part) =>
        readWhole(part, bytes.subarray(part.start - start, part.start - start + part.length)),
      ),
    );
    return [{ number, bytes }];
  };
  return { end: start + length, read };
}
