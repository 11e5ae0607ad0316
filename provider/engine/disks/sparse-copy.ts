import { createHash, type Hash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import { setImmediate as nextTurn } from "node:timers/promises";
import { blankChecksum } from "./blank-checksum";
import type { Watch } from "./disk-store";
import { SparseWriter } from "./sparse-writer";

/** Read, hashed and written at a time: hashing one chunk blocks the event loop for a millisecond or two. */
const CHUNK = 2 ** 20;
/** Chunks that are under way at a time. */
const LANES = 4;
const ZEROS = Buffer.alloc(CHUNK);

/** A range of a disk that holds data, and where it lies. */
export interface Piece {
  start: number;
  length: number;
  file: FileHandle;
  offset: number;
}

export interface CopyPlan extends Watch {
  /** In order; what lies between and behind them are zeros. */
  pieces: readonly Piece[];
  /** Absent where the content stands already and is only read for its checksum. */
  target?: FileHandle;
  virtualBytes: number;
  checksum?: boolean;
}

/**
 * Copies in one pass, leaving holes where there are zeros; returns the checksum of the whole virtual content, if asked.
 * Some chunks are read and others written while one is hashed.
 */
export async function sparseCopy(plan: CopyPlan): Promise<string | undefined> {
  const { pieces, target, virtualBytes, progress, signal } = plan;
  if (plan.checksum && pieces.length === 0) {
    progress?.(virtualBytes, virtualBytes);
    return blankChecksum(virtualBytes, signal);
  }
  const hash = plan.checksum ? createHash("sha256") : undefined;
  const writer = target && new SparseWriter(target);
  // Zeros cost something only where they are hashed.
  const work = hash ? virtualBytes : pieces.reduce((sum, { length }) => sum + length, 0);
  let done = 0;
  let end = 0;
  const tellZeros = (zeros: number) => {
    signal?.throwIfAborted();
    progress?.(end + zeros, work);
  };
  await inLanes(chunksOf(pieces), async (start, content) => {
    signal?.throwIfAborted();
    if (hash) {
      await hashZeros(hash, start - end, tellZeros);
      hash.update(content);
    }
    end = start + content.length;
    done += content.length;
    progress?.(hash ? end : done, work);
    return { written: writer?.write(content, start) };
  });
  await writer?.end();
  if (hash) await hashZeros(hash, virtualBytes - end, tellZeros);
  else if (done === 0) progress?.(virtualBytes, virtualBytes);
  return hash && `sha256:${hash.digest("hex")}`;
}

type Take = (start: number, content: Buffer) => Promise<{ written?: Promise<void> }>;

/** Has chunks read ahead and taken in order; a buffer is read into again when what was in it is written. */
async function inLanes(chunks: Iterator<Chunk>, take: Take): Promise<void> {
  const lanes = Array.from({ length: LANES }, () => ({
    buffer: Buffer.allocUnsafe(CHUNK),
    written: Promise.resolve(),
  }));
  const ahead: Promise<{ start: number; content: Buffer; lane: (typeof lanes)[number] }>[] = [];
  let turn = 0;
  const readNext = () => {
    const next = chunks.next();
    if (next.done) return;
    const lane = lanes[turn++ % LANES]!;
    const reading = lane.written.then(async () => ({ ...(await readChunk(next.value, lane.buffer)), lane }));
    // What fails ahead is told when its turn comes.
    reading.catch(() => undefined);
    ahead.push(reading);
  };
  try {
    for (let lane = 0; lane < LANES; lane++) readNext();
    for (let reading; (reading = ahead.shift());) {
      const { start, content, lane } = await reading;
      const { written } = await take(start, content);
      lane.written = written ?? lane.written;
      written?.catch(() => undefined);
      readNext();
    }
    await Promise.all(lanes.map(({ written }) => written));
  } finally {
    await Promise.allSettled([...ahead, ...lanes.map(({ written }) => written)]);
  }
}

interface Chunk {
  start: number;
  length: number;
  parts: Piece[];
}

/** Neighbouring pieces together, none longer than a chunk. */
function* chunksOf(pieces: readonly Piece[]): Generator<Chunk, undefined> {
  let chunk: Chunk | undefined;
  for (const piece of pieces) {
    for (let taken = 0; taken < piece.length;) {
      const start = piece.start + taken;
      if (chunk && (chunk.length === CHUNK || chunk.start + chunk.length !== start)) {
        yield chunk;
        chunk = undefined;
      }
      chunk ??= { start, length: 0, parts: [] };
      const length = Math.min(CHUNK - chunk.length, piece.length - taken);
      chunk.parts.push({ start, length, file: piece.file, offset: piece.offset + taken });
      chunk.length += length;
      taken += length;
    }
  }
  if (chunk) yield chunk;
}

async function readChunk(
  { start, length, parts }: Chunk,
  buffer: Buffer,
): Promise<{ start: number; content: Buffer }> {
  await Promise.all(
    parts.map((part) =>
      readWhole(part, buffer.subarray(part.start - start, part.start - start + part.length)),
    ),
  );
  return { start, content: buffer.subarray(0, length) };
}

/** Fails where the file ends before the piece does. */
export async function readWhole({ file, offset }: Piece, buffer: Buffer): Promise<void> {
  for (let filled = 0; filled < buffer.length;) {
    const { bytesRead } = await file.read(buffer, filled, buffer.length - filled, offset + filled);
    if (bytesRead === 0) throw new Error("the file became shorter while it was read");
    filled += bytesRead;
  }
}

async function hashZeros(hash: Hash, bytes: number, report: (done: number) => void): Promise<void> {
  for (let done = 0; done < bytes;) {
    const length = Math.min(CHUNK, bytes - done);
    hash.update(ZEROS.subarray(0, length));
    done += length;
    report(done);
    await nextTurn();
  }
}
