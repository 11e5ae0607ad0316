import { access, link, mkdir, open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { ExportFormat } from "../model";
import { inTurn } from "./converted-disk";
import { piecesOf, withLayers, type DiskSource } from "./disk-source";
import type { ExportFile, Watch } from "./disk-store";
import { makeReproducible } from "./export-identity";
import { convertTo, QEMU_FORMAT } from "./qemu-img";
import { sparseCopy } from "./sparse-copy";
import { syncFolder } from "./sync-folder";
import { removeLeftovers, temporaryPath } from "./temporary-file";

/** Without it a VHD is as large as the next geometry of cylinders, heads and sectors. */
const OPTIONS: Partial<Record<ExportFormat, string>> = { vhd: "force_size=on" };

/**
 * Writes a disk to a new file outside, whole, durable and never over one that stands; the same disk makes the same
 * bytes. Names of the source are those of `folder`.
 */
export async function exportDisk(
  folder: string,
  id: string,
  source: DiskSource,
  file: ExportFile,
  watch: Watch = {},
): Promise<{ sizeBytes: number; checksum: string }> {
  const outside = dirname(file.path);
  await removeLeftovers(outside);
  // Some formats write their file's name into it: it has its own from the start, in a folder of its own.
  const temporary = temporaryPath(outside);
  await mkdir(temporary);
  try {
    const path = join(temporary, basename(file.name ?? file.path));
    const written =
      file.format === "raw"
        ? await writeRaw(folder, source, path, watch)
        : await writeFormat({ folder, id, source, temporary, path, format: file.format, ...watch });
    watch.signal?.throwIfAborted();
    await giveName(path, file.path);
    await syncFolder(outside);
    return written;
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

async function writeRaw(
  folder: string,
  source: DiskSource,
  path: string,
  watch: Watch,
): Promise<{ sizeBytes: number; checksum: string }> {
  return withLayers(source.layers ?? [], async (files) => {
    const target = await open(path, "wx");
    try {
      const virtualBytes = source.bytes;
      await target.truncate(virtualBytes);
      const pieces = files.length > 0 ? await piecesOf(folder, source, files) : [];
      const checksum = await sparseCopy({ pieces, target, virtualBytes, checksum: true, ...watch });
      await target.sync();
      return { sizeBytes: virtualBytes, checksum: checksum! };
    } finally {
      await target.close();
    }
  });
}

async function writeFormat(
  plan: {
    folder: string;
    id: string;
    source: DiskSource;
    temporary: string;
    path: string;
    format: ExportFormat;
  } & Watch,
): Promise<{ sizeBytes: number; checksum: string }> {
  const { source, path, format, signal } = plan;
  const report = inTurn(plan.progress, source.bytes, 2);
  const disk = source.disk ?? (await zeros(plan.temporary, source.bytes));
  const to = { format: QEMU_FORMAT[format], path, options: OPTIONS[format] };
  await convertTo(plan.folder, disk, to, { share: (done) => report(0, done), signal });
  const file = await open(path, "r+");
  try {
    await makeReproducible(file, format, plan.id);
    await file.sync();
    const { size } = await file.stat();
    const checksum = await sparseCopy({
      pieces: [{ start: 0, length: size, file, offset: 0 }],
      virtualBytes: size,
      checksum: true,
      progress: (done, total) => report(1, done / total),
      signal,
    });
    return { sizeBytes: size, checksum: checksum! };
  } finally {
    await file.close();
  }
}

async function zeros(folder: string, bytes: number): Promise<{ format: "raw"; file: string }> {
  const path = join(folder, ".zeros");
  const file = await open(path, "wx");
  await file.truncate(bytes).finally(() => file.close());
  return { format: "raw", file: path };
}

/** A link refuses where the name is taken; where the file system has none, a look has to do. */
async function giveName(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    const isTaken = await access(to).then(
      () => true,
      () => false,
    );
    if (isTaken) {
      throw new Error(
        "the file is there already, and nothing is overwritten. Move it away, or name another one",
        {
          cause: error,
        },
      );
    }
    await rename(from, to);
  }
}
