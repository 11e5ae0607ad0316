import { mkdir, unlink } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { inTurn, writeConverted } from "../converted-disk";
import { exportDisk } from "../disk-export";
import { rawSource } from "../disk-source";
import type { CopyOptions, DiskContent, ExportFile, ForeignFile, Watch } from "../disk-store";
import { isSealedFault } from "../faults";
import { inspectForeignFile, whileUnchanged } from "../foreign/inspect";
import { QEMU_FORMAT } from "../qemu-img";
import { removeLeftovers, temporaryPath } from "../temporary-file";
import type { Attempt } from "./attempt";
import { requireFree, requireWhole } from "./content-entries";
import type { ContentIndex } from "./content-index";
import type { ContentReader } from "./content-reader";
import type { ContentWriter, Guard } from "./content-writer";
import { originOf } from "./origin";

/** Brings disks from and to files outside; what isn't raw stands as a raw file in the work folder meanwhile. */
export class FileTransfers {
  constructor(
    private readonly index: ContentIndex,
    private readonly reader: ContentReader,
    private readonly writer: ContentWriter,
    private readonly workFolder: string,
  ) {}

  /** `handle`: of the file, which is found unchanged at the end, or nothing is made of it. */
  async import(
    attempt: Attempt,
    { file, handle }: { file: ForeignFile; handle: FileHandle },
    id: string,
    options: CopyOptions,
  ): Promise<DiskContent> {
    const { virtualBytes } = await inspectForeignFile(file, handle);
    const entry = await requireFree(this.index, attempt.doing, id);
    const madeOf = originOf("file", file.path);
    const unchanged: Guard = (work) => whileUnchanged(file, handle, work);
    if (file.format === "raw") {
      const raw = rawSource(virtualBytes, handle);
      return this.writer.writeFile(attempt, entry, { raw, madeOf }, options, unchanged);
    }
    const foreign = { bytes: virtualBytes, disk: { format: QEMU_FORMAT[file.format], file: handle } };
    const report = inTurn(options.progress, Math.max(virtualBytes, options.virtualBytes ?? 0), 2);
    const { signal } = options;
    return this.inWorkFile(async (path) => {
      const converting = (done: number, total: number) => report(0, done / total);
      await unchanged(() =>
        writeConverted(dirname(path), basename(path), foreign, { progress: converting, signal }),
      );
      const sending = (done: number, total: number) => report(1, done / total);
      const raw = rawSource(virtualBytes, path);
      return this.writer.writeFile(attempt, entry, { raw, madeOf }, { ...options, progress: sending });
    });
  }

  async export(
    attempt: Attempt,
    id: string,
    file: ExportFile,
    { progress, signal }: Watch,
  ): Promise<{ sizeBytes: number; checksum: string }> {
    const content = await requireWhole(this.index, attempt.doing, id);
    if (content.object?.locked) throw isSealedFault(attempt.doing, id);
    const { virtualBytes } = content;
    const report = inTurn(progress, virtualBytes, 2);
    return this.inWorkFile(async (path) => {
      await this.reader.fetch(attempt, content, path, (bytes) => report(0, bytes / virtualBytes));
      const writing = (done: number, total: number) => report(1, done / total);
      const watch = { progress: writing, signal };
      return exportDisk(dirname(path), id, rawSource(virtualBytes, path), file, watch);
    });
  }

  private async inWorkFile<T>(work: (path: string) => Promise<T>): Promise<T> {
    await mkdir(this.workFolder, { recursive: true });
    await removeLeftovers(this.workFolder);
    const path = temporaryPath(this.workFolder);
    try {
      return await work(path);
    } finally {
      await unlink(path).catch(() => undefined);
    }
  }
}
