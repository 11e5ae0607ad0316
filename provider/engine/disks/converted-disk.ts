import { open } from "node:fs/promises";
import { join } from "node:path";
import { allocatedBytes, piecesOf, type DiskSource } from "./disk-source";
import type { CopyOptions, DiskContent, Progress } from "./disk-store";
import { newLuksHeader } from "./luks-header";
import { writeQcow2 } from "./qcow2-file";
import { fill, passphraseOf } from "./qemu-img";
import { sparseCopy } from "./sparse-copy";

/** Writes a new content by way of qemu-img: one that is sealed, or comes from what only the tool can read. Synced. */
export async function writeConverted(
  folder: string,
  name: string,
  { bytes, disk, layers }: DiskSource,
  options: CopyOptions,
): Promise<DiskContent> {
  const { key, fromKey, progress, signal } = options;
  const virtualBytes = Math.max(bytes, options.virtualBytes ?? 0);
  const path = join(folder, name);
  const blank = await open(path, "wx");
  try {
    if (key) await writeQcow2(blank, { virtualBytes, luksHeader: newLuksHeader(passphraseOf(key)) });
    else await blank.truncate(virtualBytes);
  } finally {
    await blank.close();
  }
  const report = inTurn(progress, virtualBytes, options.checksum ? 2 : 1);
  if (disk) {
    const target = { format: key ? "qcow2" : "raw", file: name, key } as const;
    const source = layers ? disk : { ...disk, key: fromKey };
    await fill(folder, source, target, { share: (done) => report(0, done), signal });
  }
  report(0, 1);
  const file = await open(path, "r+");
  try {
    await file.sync();
    const found = await file.stat();
    const written = { bytes: found.size, disk: { format: "raw", file: name } } as const;
    const checksum = options.checksum
      ? await sparseCopy({
          pieces: await piecesOf(folder, written, [file]),
          virtualBytes: found.size,
          checksum: true,
          progress: (done, total) => report(1, done / total),
          signal,
        })
      : undefined;
    return { virtualBytes, sizeBytes: allocatedBytes(found), checksum };
  } finally {
    await file.close();
  }
}

/** Progress of a work of several parts, each a pass over all bytes. */
export function inTurn(
  progress: Progress | undefined,
  bytes: number,
  parts: number,
): (part: number, share: number) => void {
  const total = bytes * parts;
  let last = 0;
  return (part, share) => {
    const done = Math.min(total, Math.round(bytes * (part + share)));
    if (done > last) progress?.((last = done), total);
  };
}
