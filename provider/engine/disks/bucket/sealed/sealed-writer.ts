import { createHash } from "node:crypto";
import { mapInOrder } from "../../../in-order";
import { release } from "../../../release";
import type { ObjectBytes } from "../../../s3/parts";
import { CHUNK, isZero, type Chunk, type ChunkSource } from "../chunks";
import type { ObjectCipher, SealedPart } from "./object-cipher";
import { pack } from "./packing";
import {
  PAGE_ENTRIES,
  writeFooter,
  writeHeader,
  writePage,
  writeRoot,
  type Entry,
  type Page,
} from "./sealed-format";

/** Chunks that are sealed at a time. */
const LANES = 4;
/** Chunks that are read ahead of them. */
const READ_AHEAD = 2;

type SealedChunk = SealedPart & { number: number; isPacked: boolean };

/** Writes one sealed object. Its facts are known when all of its bytes were taken. */
export class SealedWriter {
  /** Bytes of the object. */
  storedBytes = 0;
  /** Root and footer, as they stand at the object's end. */
  tail: Buffer = Buffer.alloc(0);
  /** Of them. */
  digest = "";
  private readonly pages: Page[] = [];
  private entries: Entry[] = [];
  private pageStart = 0;

  constructor(
    private readonly objectId: string,
    private readonly cipher: ObjectCipher,
    private readonly virtualBytes: number,
    private readonly pageEntries = PAGE_ENTRIES,
  ) {}

  /**
   * `upTo`: bytes of the disk from its beginning that stand in the object. `see`: is shown every chunk that isn't left
   * out by the source, in order, before it is sealed.
   */
  async *write(source: ChunkSource, see?: (chunk: Chunk) => Promise<void>): AsyncGenerator<ObjectBytes> {
    yield this.count(writeHeader(this.objectId), 0);
    this.pageStart = this.storedBytes;
    const read = mapInOrder(source.batches(), READ_AHEAD, (batch) => batch.read());
    for await (const chunk of mapInOrder(each(read, see), LANES, (chunk) => this.seal(chunk))) {
      if (!chunk) continue;
      const { number, body, tag, isPacked, nonce } = chunk;
      const upTo = Math.min((number + 1) * CHUNK, source.virtualBytes);
      this.entries.push({ number, bytes: body.length + tag.length, isPacked, nonce });
      yield this.count(body, upTo);
      release(body);
      yield this.count(tag, upTo);
      if (this.entries.length === this.pageEntries) yield* this.page();
    }
    if (this.entries.length > 0) yield* this.page();
    yield* this.end();
  }

  private async seal({ number, bytes }: Chunk): Promise<SealedChunk | undefined> {
    try {
      if (isZero(bytes)) return undefined;
      const packed = await pack(bytes);
      const part = await this.cipher.seal("chunk", number, packed ?? bytes);
      return { ...part, number, isPacked: packed !== undefined };
    } finally {
      release(bytes);
    }
  }

  private async *page(): AsyncGenerator<ObjectBytes> {
    const { nonce, body, tag } = await this.cipher.seal("page", this.pages.length, writePage(this.entries));
    const sealed = Buffer.concat([body, tag]);
    const [offset, chunks] = [this.pageStart, this.entries.length];
    const dataBytes = this.storedBytes - offset;
    this.pages.push({ offset, dataBytes, chunks, bytes: sealed.length, nonce });
    const upTo = Math.min((this.entries.at(-1)!.number + 1) * CHUNK, this.virtualBytes);
    this.entries = [];
    yield this.count(sealed, upTo);
    this.pageStart = this.storedBytes;
  }

  private async *end(): AsyncGenerator<ObjectBytes> {
    const { virtualBytes, pages } = this;
    const root = writeRoot({ virtualBytes, chunkBytes: CHUNK, pages });
    const { nonce, body, tag } = await this.cipher.seal("root", 0, root);
    const footer = writeFooter({ rootBytes: body.length + tag.length, nonce });
    this.tail = Buffer.concat([body, tag, footer]);
    this.digest = digestOf(this.tail);
    yield this.count(this.tail, virtualBytes);
  }

  private count(bytes: Buffer, upTo: number): ObjectBytes {
    this.storedBytes += bytes.length;
    return { bytes, upTo };
  }
}

/** What tells a sealed object from every other one. `tail`: root and footer. */
export function digestOf(tail: Buffer): string {
  return createHash("sha256").update(tail).digest("hex");
}

async function* each(
  batches: AsyncIterable<Chunk[]>,
  see: ((chunk: Chunk) => Promise<void>) | undefined,
): AsyncGenerator<Chunk> {
  for await (const chunks of batches) {
    for (const chunk of chunks) {
      await see?.(chunk);
      yield chunk;
    }
  }
}
