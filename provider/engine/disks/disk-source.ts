import { open, type FileHandle } from "node:fs/promises";
import { dataExtents, type QemuDisk } from "./qemu-img";
import type { Piece } from "./sparse-copy";
import { ToolMissing } from "./tool";

/** What a content is made from. */
export interface DiskSource {
  /** Virtual size. */
  bytes: number;
  /** Absent where it is nothing but zeros. */
  disk?: QemuDisk;
  /**
   * Its file and those that it is based on, nearest first; only where its data lies in them as it is read: not where
   * it is sealed or in a format from outside.
   */
  layers?: readonly (string | FileHandle)[];
}

/** A raw file: it is the disk as it is read. */
export function rawSource(bytes: number, file: string | FileHandle): DiskSource {
  return { bytes, disk: { format: "raw", file }, layers: [file] };
}

/** Opens the files of a source while `work` runs. */
export async function withLayers<T>(
  layers: NonNullable<DiskSource["layers"]>,
  work: (files: FileHandle[]) => Promise<T>,
): Promise<T> {
  const opened: FileHandle[] = [];
  try {
    const files: FileHandle[] = [];
    for (const layer of layers) {
      const file = typeof layer === "string" ? await open(layer, "r") : layer;
      if (file !== layer) opened.push(file);
      files.push(file);
    }
    return await work(files);
  } finally {
    for (const file of opened) await file.close();
  }
}

/** Holes that are worth a look at where they are. */
const MANY_HOLES = 256 * 2 ** 20;
/** Unit of `stat`'s blocks, whatever the file system's own. */
const STAT_BLOCK = 512;

/** What a file takes on disk; holes take nothing. */
export function allocatedBytes({ blocks }: { blocks: number }): number {
  return blocks * STAT_BLOCK;
}

/** Where a source's data lies in its opened files; what lies between are zeros. A raw file is one piece, unless much of it are holes. */
export async function piecesOf(folder: string, source: DiskSource, files: FileHandle[]): Promise<Piece[]> {
  const whole = [{ start: 0, length: source.bytes, file: files[0]!, offset: 0 }];
  const isRaw = files.length === 1 && source.disk!.format === "raw";
  if (isRaw && source.bytes - allocatedBytes(await files[0]!.stat()) < MANY_HOLES) return whole;
  try {
    const extents = await dataExtents(folder, source.disk!);
    return extents.map(({ depth, ...extent }) => ({ ...extent, file: files[depth]! }));
  } catch (error) {
    // Of a raw file the tool only saves the reading of holes.
    if (isRaw && error instanceof ToolMissing) return whole;
    throw error;
  }
}
