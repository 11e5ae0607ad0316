import { createHash } from "node:crypto";
import { setImmediate as nextTurn } from "node:timers/promises";
import { blankChecksum } from "../blank-checksum";
import { CHUNK, ZEROS, type Chunk } from "./chunks";

/** The checksum of a disk whose chunks come in order. */
export class DiskHash {
  private readonly hash = createHash("sha256");
  private hashed = 0;

  constructor(private readonly signal?: AbortSignal) {}

  async add({ number, bytes }: Chunk): Promise<void> {
    await this.zerosTo(number * CHUNK);
    this.hash.update(bytes);
    this.hashed += bytes.length;
  }

  /** `sha256:<hex>` of the chunks, with zeros between them and behind, up to `virtualBytes`. */
  async end(virtualBytes: number): Promise<string> {
    if (this.hashed === 0) return blankChecksum(virtualBytes, this.signal);
    await this.zerosTo(virtualBytes);
    return `sha256:${this.hash.digest("hex")}`;
  }

  private async zerosTo(end: number): Promise<void> {
    while (this.hashed < end) {
      this.signal?.throwIfAborted();
      const zeros = ZEROS.subarray(0, Math.min(CHUNK, end - this.hashed));
      this.hash.update(zeros);
      this.hashed += zeros.length;
      await nextTurn();
    }
  }
}
