import * as say from "../../messages/disk-files";
import { refusal } from "./foreign-disk";
import type { ForeignDisk } from "./foreign-disk";

/** A part of a file, in bytes. */
export interface Part {
  name: string;
  offset: number;
  length: number;
}

/** 256 MiB of them. */
const MAX_BLOCKS = 2 ** 26;
const MAX_START = 2 ** 32 - 1;

/** Every part lies in the file, and no two share a byte. */
export function requireDisjoint(disk: ForeignDisk, parts: readonly Part[]): void {
  for (const { name, offset, length } of parts) disk.requireInside(offset, length, name);
  const sorted = parts.filter(({ length }) => length > 0).sort((a, b) => a.offset - b.offset);
  for (let i = 1; i < sorted.length; i++) {
    const [before, part] = [sorted[i - 1]!, sorted[i]!];
    if (part.offset < before.offset + before.length) {
      throw refusal(say.diskFilePartsOverlap(disk.file, part.name, before.name));
    }
  }
}

/** The blocks that a disk is kept in: of one length, begun at whole units. */
export class Blocks {
  private starts = new Uint32Array(1024);
  private count = 0;

  constructor(
    private readonly disk: ForeignDisk,
    private readonly name: string,
    private readonly unitBytes: number,
    private readonly blockBytes: number,
  ) {}

  add(start: number, heldBytes = this.blockBytes): void {
    this.disk.requireInside(start * this.unitBytes, heldBytes, this.name);
    if (this.count === MAX_BLOCKS || start > MAX_START)
      throw refusal(say.diskFileHasTooMuch(this.disk.file, "blocks"));
    if (this.count === this.starts.length) {
      const grown = new Uint32Array(this.count * 2);
      grown.set(this.starts);
      this.starts = grown;
    }
    this.starts[this.count++] = start;
  }

  /** No two share a byte, nor does one with another part of the file. */
  requireDisjoint(parts: readonly Part[]): void {
    requireDisjoint(this.disk, parts);
    const starts = this.starts.subarray(0, this.count).sort();
    for (let i = 1; i < starts.length; i++) {
      if ((starts[i]! - starts[i - 1]!) * this.unitBytes < this.blockBytes) this.overlap("another");
    }
    for (const { name, offset, length } of parts) {
      // The first block that ends behind the part's begin.
      const next = firstAbove(starts, (offset - this.blockBytes) / this.unitBytes);
      if (length > 0 && next < starts.length && starts[next]! * this.unitBytes < offset + length)
        this.overlap(name);
    }
  }

  private overlap(other: string): never {
    throw refusal(say.diskFilePartsOverlap(this.disk.file, this.name, other));
  }
}

function firstAbove(sorted: Uint32Array, value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! > value) high = middle;
    else low = middle + 1;
  }
  return low;
}
