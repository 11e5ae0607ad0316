import { createHash } from "node:crypto";
import { release } from "../release";
import type { Body } from "./request-body";

/** Some bytes of an object, to be taken before the next ones. */
export interface ObjectBytes {
  bytes: Buffer;
  /** How far whoever makes them is with them, in bytes of what they are made of. */
  upTo: number;
}

/** A part of an object, to be sent. */
export interface Part {
  number: number;
  body: Body;
  /** As the last of its bytes have it. */
  upTo: number;
  isLast: boolean;
}

/** Cuts a stream into parts of the same length, the last one shorter. */
export async function* partsOf(
  bytes: AsyncIterable<ObjectBytes>,
  buffers: PartBuffers,
): AsyncGenerator<Part> {
  let number = 1;
  let part = buffers.take();
  let filled = 0;
  let hash = createHash("sha256");
  let end = 0;
  const body = (): Body => ({ bytes: part.subarray(0, filled), sha256: hash.digest() });
  for await (const { bytes: piece, upTo } of bytes) {
    for (let taken = 0; taken < piece.length;) {
      if (filled === part.length) {
        yield { number: number++, body: body(), upTo: end, isLast: false };
        [part, filled, hash] = [buffers.take(), 0, createHash("sha256")];
      }
      const copied = piece.copy(part, filled, taken);
      hash.update(part.subarray(filled, filled + copied));
      taken += copied;
      filled += copied;
    }
    end = upTo;
  }
  yield { number, body: body(), upTo: end, isLast: true };
}

/** Buffers of parts, used again when what was in them is sent. */
export class PartBuffers {
  private readonly free: Buffer[] = [];

  constructor(private readonly size: number) {}

  take(): Buffer {
    return this.free.pop() ?? Buffer.allocUnsafe(this.size);
  }

  give(bytes: Buffer): void {
    if (bytes.length === this.size) this.free.push(bytes);
  }

  release(): void {
    this.free.splice(0).forEach(release);
  }
}
