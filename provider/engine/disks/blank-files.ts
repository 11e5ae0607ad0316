import { statSync, type BigIntStats } from "node:fs";
import type { FileHandle } from "node:fs/promises";

/** Below this a file is read to see whether it is blank. */
const MIN_TRUSTED_HOLE = 2 ** 20;

/** Systems stamp changes of files by a clock that ticks at least so often. */
const TICK_MS = 100n;

/** Tells files that hold nothing but a hole, without reading them. */
export class BlankFiles {
  /** Of files that were seen to be blank, by path. */
  private readonly stamps = new Map<string, string>();

  /** It was seen to be blank, and its stamps say that nothing of it has changed since. */
  isKnown(file: string | FileHandle): boolean {
    const known = typeof file === "string" ? this.stamps.get(file) : undefined;
    if (known === undefined) return false;
    const found = statSync(file as string, { bigint: true, throwIfNoEntry: false });
    return found !== undefined && stampOf(found) === known;
  }

  /** `opened`: the same file. */
  async look(file: string | FileHandle, opened: FileHandle): Promise<boolean> {
    const now = BigInt(Date.now());
    const before = await opened.stat({ bigint: true });
    const isBlank = await isAllHole(opened);
    // A change in the very tick of the last one wouldn't show.
    const isSettled = now - before.ctimeMs > TICK_MS;
    if (isBlank && isSettled && typeof file === "string") this.stamps.set(file, stampOf(before));
    return isBlank;
  }
}

/** What was written but not yet placed on disk is placed first. */
async function isAllHole(file: FileHandle): Promise<boolean> {
  const { size, blocks } = await file.stat();
  if (size < MIN_TRUSTED_HOLE || blocks > 0) return false;
  await file.datasync();
  return (await file.stat()).blocks === 0;
}

function stampOf({ dev, ino, size, blocks, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, size, blocks, mtimeNs, ctimeNs].join(" ");
}
