import type { FileHandle } from "node:fs/promises";
import * as say from "../../messages/disk-files";
import type { DiskFormat } from "../../model";
import type { ForeignFile } from "../disk-store";
import { ForeignDisk, openForeignFile, refusal } from "./foreign-disk";
import { inspectQcow2 } from "./qcow2";
import { inspectRaw } from "./raw";
import { requireStatedFormat } from "./signatures";
import { inspectVhd } from "./vhd";
import { inspectVhdx } from "./vhdx";
import { inspectVmdk } from "./vmdk";

/** Each sees that a file of its format is sound and whole by itself; answers the bytes of the disk inside. */
const INSPECT: Record<DiskFormat, (disk: ForeignDisk) => Promise<number>> = {
  raw: inspectRaw,
  qcow2: inspectQcow2,
  vmdk: inspectVmdk,
  vhd: inspectVhd,
  vhdx: inspectVhdx,
};

/**
 * Judges a disk file from outside by its headers and tables, before anything reads it as a disk. Throws ViolationError
 * on `file.property`: the file isn't there, isn't of the format stated, is damaged or reaches outside itself.
 * Memory and time are bounded, whatever the file says. Who reads the file afterwards gives the handle that it will
 * read by (`openForeignFile`), which stays open.
 */
export async function inspectForeignFile(
  file: ForeignFile,
  handle?: FileHandle,
): Promise<{ virtualBytes: number; bytes: number }> {
  const opened = handle ?? (await openForeignFile(file));
  try {
    const disk = await ForeignDisk.of(file, opened);
    await requireStatedFormat(disk);
    const virtualBytes = await INSPECT[file.format](disk);
    disk.requireDiskSize(virtualBytes);
    return { virtualBytes, bytes: disk.bytes };
  } finally {
    if (!handle) await opened.close();
  }
}

/**
 * Reads a judged file, `work`, and refuses what came of it where the file was written to meanwhile: then what was read
 * isn't what was judged. `work` judges it first.
 */
export async function whileUnchanged<T>(
  file: ForeignFile,
  handle: FileHandle,
  work: () => Promise<T>,
): Promise<T> {
  const before = await stateOf(handle);
  const done = await work();
  if ((await stateOf(handle)) !== before) throw refusal(say.diskFileChanged(file));
  return done;
}

async function stateOf(handle: FileHandle): Promise<string> {
  const { size, mtimeNs, ctimeNs } = await handle.stat({ bigint: true });
  return `${size} ${mtimeNs} ${ctimeNs}`;
}

export { openForeignFile };
