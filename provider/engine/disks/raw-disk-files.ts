import { constants } from "node:fs";
import { copyFile, open, unlink, type FileHandle } from "node:fs/promises";
import { blankChecksum } from "./blank-checksum";
import type { CopyOptions, DiskContent } from "./disk-store";
import { sparseCopy } from "./sparse-copy";

/** Where a content comes from: a file, or zeros where `path` is absent. */
export interface DiskSource {
  path?: string;
  bytes: number;
}

/** Below this a file is read to see whether it is blank. */
const MIN_TRUSTED_HOLE = 2 ** 20;
/** Unit of `stat`'s blocks, whatever the file system's own. */
const STAT_BLOCK = 512;

/** What a file takes on disk; holes take nothing. */
export function allocatedBytes({ blocks }: { blocks: number }): number {
  return blocks * STAT_BLOCK;
}

/** Sparse raw files, written by the cheapest way that the file system has. */
export class RawDiskFiles {
  /** Devices whose files can't be cloned to where this store writes. */
  private readonly unclonable = new Set<number>();

  /** Writes a new file and syncs it; the caller removes it where that fails. */
  async write(
    path: string,
    source: DiskSource,
    virtualBytes: number,
    { checksum: wantsChecksum, progress }: CopyOptions = {},
  ): Promise<DiskContent> {
    const blank = () => writeBlank(path, virtualBytes, { checksum: wantsChecksum, progress });
    if (source.path === undefined) return blank();
    const from = await open(source.path, "r");
    try {
      if (await isAllHole(from)) return await blank();
      const isCloned = await this.clone(from, source.path, path);
      const target = await open(path, isCloned ? "r+" : "wx");
      try {
        await target.truncate(virtualBytes);
        const isDone = isCloned && !wantsChecksum;
        const checksum = isDone
          ? undefined
          : await sparseCopy({
              source: from,
              sourceBytes: source.bytes,
              target: isCloned ? undefined : target,
              virtualBytes,
              checksum: wantsChecksum,
              progress,
            });
        if (isDone) progress?.(virtualBytes, virtualBytes);
        await target.sync();
        return { virtualBytes, sizeBytes: allocatedBytes(await target.stat()), checksum };
      } finally {
        await target.close();
      }
    } finally {
      await from.close();
    }
  }

  /** The file system's own copy, which shares blocks until one side is written. */
  private async clone(source: FileHandle, from: string, to: string): Promise<boolean> {
    const { dev } = await source.stat();
    if (this.unclonable.has(dev)) return false;
    try {
      await copyFile(from, to, constants.COPYFILE_FICLONE_FORCE | constants.COPYFILE_EXCL);
      return true;
    } catch {
      this.unclonable.add(dev);
      await unlink(to).catch(() => undefined);
      return false;
    }
  }
}

async function writeBlank(
  path: string,
  virtualBytes: number,
  { checksum: wantsChecksum, progress }: CopyOptions,
): Promise<DiskContent> {
  const checksum = wantsChecksum ? await blankChecksum(virtualBytes) : undefined;
  const target = await open(path, "wx");
  try {
    await target.truncate(virtualBytes);
    await target.sync();
  } finally {
    await target.close();
  }
  progress?.(virtualBytes, virtualBytes);
  return { virtualBytes, sizeBytes: 0, checksum };
}

/** Sees without reading that a file holds nothing; what was written but not yet placed on disk is placed first. */
async function isAllHole(file: FileHandle): Promise<boolean> {
  const { size, blocks } = await file.stat();
  if (size < MIN_TRUSTED_HOLE || blocks > 0) return false;
  await file.datasync();
  return (await file.stat()).blocks === 0;
}
