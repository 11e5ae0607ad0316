import { closeSync, constants, ftruncateSync, openSync } from "node:fs";
import { copyFile, open, unlink, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { blankChecksum } from "./blank-checksum";
import { BlankFiles } from "./blank-files";
import { allocatedBytes, piecesOf, withLayers, type DiskSource } from "./disk-source";
import type { CopyOptions, DiskContent } from "./disk-store";
import { sparseCopy } from "./sparse-copy";
import { syncFile } from "./sync-folder";

/** Sparse raw files, written by the cheapest way that the file system has. */
export class RawDiskFiles {
  /** Devices whose files can't be cloned to where this store writes. */
  private readonly unclonable = new Set<number>();
  private readonly blanks = new BlankFiles();

  constructor(private readonly folder: string) {}

  /** Writes a new file and syncs it; the caller removes it where that fails. */
  async write(
    name: string,
    source: DiskSource,
    { checksum, progress, signal, virtualBytes: atLeast = 0 }: CopyOptions,
  ): Promise<DiskContent> {
    const path = join(this.folder, name);
    const virtualBytes = Math.max(source.bytes, atLeast);
    const blank = () => writeBlank(path, virtualBytes, { checksum, progress, signal });
    const { disk, layers } = source;
    const isRaw = disk?.format === "raw";
    if (!layers || (isRaw && this.blanks.isKnown(layers[0]!))) return blank();
    return withLayers(layers, async (files) => {
      const file = files[0]!;
      if (isRaw && (await this.blanks.look(layers[0]!, file))) return blank();
      const isCloned = isRaw && (await this.clone(file, layers[0]!, path));
      const target = await open(path, isCloned ? "r+" : "wx");
      try {
        await target.truncate(virtualBytes);
        const plan = { target: isCloned ? undefined : target, virtualBytes, checksum, progress, signal };
        const isDone = isCloned && !checksum;
        const taken = isDone
          ? undefined
          : await sparseCopy({ ...plan, pieces: await piecesOf(this.folder, source, files) });
        if (isDone) progress?.(virtualBytes, virtualBytes);
        await target.sync();
        return { virtualBytes, sizeBytes: allocatedBytes(await target.stat()), checksum: taken };
      } finally {
        await target.close();
      }
    });
  }

  /** The file system's own copy, which shares blocks until one side is written. */
  private async clone(source: FileHandle, from: string | FileHandle, to: string): Promise<boolean> {
    const { dev } = await source.stat();
    // What is open already is copied as that, where the system names it.
    if (this.unclonable.has(dev) || (typeof from !== "string" && process.platform !== "linux")) return false;
    try {
      const path = typeof from === "string" ? from : `/proc/self/fd/${from.fd}`;
      await copyFile(path, to, constants.COPYFILE_FICLONE_FORCE | constants.COPYFILE_EXCL);
      return true;
    } catch {
      this.unclonable.add(dev);
      await unlink(to).catch(() => undefined);
      return false;
    }
  }
}

/** Only the sync waits for the disk; to have another thread do the rest takes five times as long. */
async function writeBlank(
  path: string,
  virtualBytes: number,
  { checksum: wantsChecksum, progress, signal }: CopyOptions,
): Promise<DiskContent> {
  const checksum = wantsChecksum ? await blankChecksum(virtualBytes, signal) : undefined;
  const target = openSync(path, "wx");
  try {
    ftruncateSync(target, virtualBytes);
    await syncFile(target);
  } finally {
    closeSync(target);
  }
  progress?.(virtualBytes, virtualBytes);
  return { virtualBytes, sizeBytes: 0, checksum };
}
