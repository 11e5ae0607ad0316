/** Bytes of a disk that are sealed together; only the last chunk of a disk may be shorter. */
export const CHUNK = 2 ** 20;

/** A whole chunk of them. */
export const ZEROS = Buffer.alloc(CHUNK);

/** A chunk of a disk: the bytes from `number * CHUNK` on. */
export interface Chunk {
  number: number;
  /** For whoever takes the chunk to release. */
  bytes: Buffer;
}

/** Chunks that are read at once. */
export interface Batch {
  /** Bytes of the disk from its beginning to where the batch ends. */
  end: number;
  read(): Promise<Chunk[]>;
}

/** A disk to be read in chunks, in order; the chunks that no batch holds are zeros. */
export interface ChunkSource {
  virtualBytes: number;
  /** Bytes that the chunks hold, at most. */
  dataBytes: number;
  batches(): AsyncIterable<Batch> | Iterable<Batch>;
}

export function isZero(bytes: Buffer): boolean {
  return bytes[0] === 0 && bytes.equals(ZEROS.subarray(0, bytes.length));
}

export function chunkLength(number: number, virtualBytes: number): number {
  return Math.min(CHUNK, virtualBytes - number * CHUNK);
}
