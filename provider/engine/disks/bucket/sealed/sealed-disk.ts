import { setImmediate as nextTurn } from "node:timers/promises";
import { release } from "../../../release";
import { CHUNK, chunkLength, type Batch, type Chunk, type ChunkSource } from "../chunks";
import type { ObjectCipher } from "./object-cipher";
import { unpack } from "./packing";
import * as flaw from "./sealed-flaws";
import { readPage, type Entry, type Page, type Root } from "./sealed-format";
import { openRoot, readRange, type StoredObject } from "./stored-object";

/** Bytes of an object that are asked for at once; a chunk is never divided. */
const RANGE = 4 * 2 ** 20;
/** Chunks that are opened at once, however small they are packed: they lie in memory. */
const MOST_CHUNKS = 8;
/** Places that a chunk which doesn't open in its own is tried in, to tell what happened to it. */
const TRIED_PLACES = 256;

type Placed = Entry & { offset: number };

/**
 * A sealed object, opened: nothing is read from it that isn't the very bytes which its content was finished with.
 * What is wrong with it is thrown as a SealedFlaw that names it.
 */
export class SealedDisk implements ChunkSource {
  private constructor(
    private readonly stored: StoredObject,
    private readonly cipher: ObjectCipher,
    private readonly root: Root,
  ) {}

  static async open(stored: StoredObject, cipher: ObjectCipher): Promise<SealedDisk> {
    const root = await openRoot(stored, cipher);
    if (root.chunkBytes !== CHUNK) {
      throw flaw.unknownVersion(stored.what, `chunks of ${root.chunkBytes} bytes`);
    }
    return new SealedDisk(stored, cipher, root);
  }

  get virtualBytes(): number {
    return this.root.virtualBytes;
  }

  get dataBytes(): number {
    const chunks = this.root.pages.reduce((sum, page) => sum + page.chunks, 0);
    return Math.min(chunks * CHUNK, this.virtualBytes);
  }

  /** `from`, `to`: only the chunks that hold bytes of this range. */
  async *batches(from = 0, to = Infinity): AsyncGenerator<Batch> {
    for (const [index, page] of this.root.pages.entries()) {
      const entries = await this.page(index, page);
      const wanted = entries.filter(({ number }) => (number + 1) * CHUNK > from && number * CHUNK < to);
      for (const run of runsOf(wanted)) yield this.batch(run, entries);
    }
  }

  private batch(run: Placed[], page: readonly Placed[]): Batch {
    const end = Math.min((run.at(-1)!.number + 1) * CHUNK, this.virtualBytes);
    return { end, read: () => this.chunks(run, page) };
  }

  private async chunks(run: readonly Placed[], page: readonly Placed[]): Promise<Chunk[]> {
    const { offset } = run[0]!;
    const length = run.reduce((sum, { bytes }) => sum + bytes, 0);
    const sealed = await readRange(this.stored, offset, length);
    const chunks: Chunk[] = [];
    for (const entry of run) {
      const at = entry.offset - offset;
      chunks.push(await this.chunk(entry, sealed.subarray(at, at + entry.bytes), page));
      // Between chunks others have their turn.
      await nextTurn();
    }
    release(sealed);
    return chunks;
  }

  private async chunk(entry: Placed, sealed: Buffer, page: readonly Placed[]): Promise<Chunk> {
    const { number, nonce, isPacked } = entry;
    const opened = this.cipher.open("chunk", number, nonce, sealed);
    if (!opened) throw this.flawOf(entry, sealed, page);
    const bytes = isPacked ? await unpack(opened) : opened;
    if (isPacked) release(opened);
    if (bytes.length !== chunkLength(number, this.virtualBytes)) {
      throw flaw.alteredChunk(this.stored.what, number);
    }
    return { number, bytes };
  }

  private async page(index: number, { offset, dataBytes, bytes, nonce }: Page): Promise<Placed[]> {
    const sealed = await readRange(this.stored, offset + dataBytes, bytes);
    const page = this.cipher.open("page", index, nonce, sealed);
    if (!page) throw flaw.alteredIndex(this.stored.what);
    let at = offset;
    return readPage(page).map((entry) => {
      const placed = { ...entry, offset: at };
      at += entry.bytes;
      return placed;
    });
  }

  /** A chunk that opens in the place of another one of as many bytes was put there. */
  private flawOf(entry: Placed, sealed: Buffer, page: readonly Placed[]): Error {
    const { what } = this.stored;
    const alike = page.filter(({ bytes, number }) => bytes === entry.bytes && number !== entry.number);
    for (const { number, nonce } of alike.slice(0, TRIED_PLACES)) {
      if (this.cipher.open("chunk", number, nonce, sealed)) {
        return flaw.swappedChunk(what, entry.number, number);
      }
    }
    return flaw.alteredChunk(what, entry.number);
  }
}

/** Chunks that lie together in the object, as many as are read at once. */
function* runsOf(entries: readonly Placed[]): Generator<Placed[]> {
  let run: Placed[] = [];
  for (const entry of entries) {
    const [first, last] = [run[0], run.at(-1)];
    const follows = last !== undefined && last.offset + last.bytes === entry.offset;
    const isFull = run.length === MOST_CHUNKS || (first && entry.offset + entry.bytes - first.offset > RANGE);
    if (first && (!follows || isFull)) {
      yield run;
      run = [];
    }
    run.push(entry);
  }
  if (run.length > 0) yield run;
}
