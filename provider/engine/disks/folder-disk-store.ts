import { open } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ContentFiles, type ContentFormat } from "./content-files";
import { ContentNaming } from "./content-naming";
import { writeConverted } from "./converted-disk";
import { exportDisk } from "./disk-export";
import { allocatedBytes, piecesOf, withLayers, type DiskSource } from "./disk-source";
import type {
  CopyOptions,
  DataKey,
  DiskContent,
  DiskStore,
  ExportFile,
  ForeignFile,
  Watch,
} from "./disk-store";
import { NO_EXTERNAL_CONTENTS, requireContentId, type ExternalContents } from "./external-contents";
import { diskFault, isSealedFault, noKey } from "./faults";
import { inspectForeignFile, openForeignFile, whileUnchanged } from "./foreign/inspect";
import { writeQcow2 } from "./qcow2-file";
import { QEMU_FORMAT } from "./qemu-img";
import { RawDiskFiles } from "./raw-disk-files";
import { sparseCopy } from "./sparse-copy";

/** Contents as files in `<root>/disks/`: sparse raw files, and qcow2 files where they are overlays or sealed. */
export class FolderDiskStore implements DiskStore {
  private readonly contents: ContentFiles;
  private readonly naming: ContentNaming;
  private readonly raw: RawDiskFiles;

  constructor(
    root: string,
    private readonly external: ExternalContents = NO_EXTERNAL_CONTENTS,
  ) {
    const folder = join(root, "disks");
    this.contents = new ContentFiles(folder, external);
    this.naming = new ContentNaming(this.contents);
    this.raw = new RawDiskFiles(folder);
  }

  createBlank(id: string, virtualBytes: number, { key }: { key?: DataKey } = {}): Promise<DiskContent> {
    const doing = `Making blank disk ${id}`;
    return this.attempt(doing, () => this.write(doing, id, { bytes: virtualBytes }, { key }));
  }

  copy(fromId: string, id: string, options: CopyOptions = {}): Promise<DiskContent> {
    const doing = `Copying disk ${fromId} to ${id}`;
    return this.attempt(
      doing,
      async () => {
        const source = await this.contents.source(doing, fromId);
        if (isSealed(source) && !options.fromKey) throw noKey(doing, fromId);
        return this.write(doing, id, source, options);
      },
      options,
    );
  }

  async share(fromId: string, id: string, watch: Watch = {}): Promise<DiskContent> {
    const doing = `Sharing disk ${fromId} as ${id}`;
    requireContentId(doing, id);
    if (this.external(fromId)) return this.copy(fromId, id, watch);
    const linked = await this.attempt(doing, async () => {
      const from = await this.contents.require(doing, fromId);
      return this.naming.putAgain(doing, from, id);
    });
    return linked ?? this.copy(fromId, id, watch);
  }

  overlay(baseId: string, id: string, options: { virtualBytes?: number } = {}): Promise<DiskContent> {
    const doing = `Making disk ${id} on top of ${baseId}`;
    return this.attempt(doing, async () => {
      const base = await this.contents.require(doing, baseId);
      if (base.isSealed) throw isSealedFault(doing, baseId);
      const virtualBytes = Math.max(base.virtualBytes, options.virtualBytes ?? 0);
      return this.naming.put(doing, id, "qcow2", async (name) => {
        const file = await open(this.contents.path(name), "wx");
        try {
          await writeQcow2(file, { virtualBytes, base: base.name, baseFormat: base.format });
          await file.sync();
          return { virtualBytes, sizeBytes: allocatedBytes(await file.stat()) };
        } finally {
          await file.close();
        }
      });
    });
  }

  async checksum(id: string, watch: Watch = {}): Promise<string> {
    const doing = `Taking the checksum of disk ${id}`;
    return this.attempt(
      doing,
      async () => {
        const source = await this.contents.source(doing, id);
        if (isSealed(source)) throw isSealedFault(doing, id);
        const { bytes: virtualBytes, layers = [] } = source;
        return withLayers(layers, async (files) => {
          const pieces = files.length > 0 ? await piecesOf(this.contents.folder, source, files) : [];
          return (await sparseCopy({ pieces, virtualBytes, checksum: true, ...watch }))!;
        });
      },
      watch,
    );
  }

  async inspectFile(file: ForeignFile): Promise<{ virtualBytes: number }> {
    const { virtualBytes } = await inspectForeignFile(file);
    return { virtualBytes };
  }

  async importFile(file: ForeignFile, id: string, options: CopyOptions = {}): Promise<DiskContent> {
    const doing = `Importing ${file.path} as disk ${id}`;
    const handle = await openForeignFile(file);
    try {
      const read = async (name: string) => {
        const { virtualBytes } = await inspectForeignFile(file, handle);
        const disk = { format: QEMU_FORMAT[file.format], file: handle };
        const layers = file.format === "raw" ? [handle] : undefined;
        return this.fill(name, { bytes: virtualBytes, disk, layers }, options);
      };
      const write = (name: string) => whileUnchanged(file, handle, () => read(name));
      return await this.attempt(
        doing,
        () => this.naming.put(doing, id, formatOf(options), write, options.signal),
        options,
      );
    } finally {
      await handle.close();
    }
  }

  exportFile(
    id: string,
    file: ExportFile,
    watch: Watch = {},
  ): Promise<{ sizeBytes: number; checksum: string }> {
    const doing = `Exporting disk ${id} to ${file.path}`;
    const work = async () => {
      const source = await this.contents.source(doing, id);
      if (isSealed(source)) throw isSealedFault(doing, id);
      return exportDisk(this.contents.folder, id, source, file, watch);
    };
    return this.attempt(doing, work, watch, dirname(file.path));
  }

  async stat(id: string): Promise<{ virtualBytes: number; sizeBytes: number } | undefined> {
    const doing = `Looking at disk ${id}`;
    const external = this.external(id);
    if (external) return { virtualBytes: external.virtualBytes, sizeBytes: 0 };
    requireContentId(doing, id);
    const found = await this.attempt(doing, () => this.contents.find(id));
    return found && { virtualBytes: found.virtualBytes, sizeBytes: found.sizeBytes };
  }

  list(): Promise<string[]> {
    return this.attempt("Listing the disks", () => this.contents.list());
  }

  async remove(id: string): Promise<void> {
    const doing = `Removing disk ${id}`;
    requireContentId(doing, id);
    await this.attempt(doing, () => this.contents.remove(id));
  }

  private write(doing: string, id: string, source: DiskSource, options: CopyOptions): Promise<DiskContent> {
    return this.naming.put(
      doing,
      id,
      formatOf(options),
      (name) => this.fill(name, source, options),
      options.signal,
    );
  }

  private fill(name: string, source: DiskSource, options: CopyOptions): Promise<DiskContent> {
    const isConverted = options.key !== undefined || (source.disk !== undefined && !source.layers);
    return isConverted
      ? writeConverted(this.contents.folder, name, source, options)
      : this.raw.write(name, source, options);
  }

  /** `folder`: where it writes. */
  private async attempt<T>(
    doing: string,
    work: () => Promise<T>,
    { signal }: Watch = {},
    folder = this.contents.folder,
  ): Promise<T> {
    try {
      signal?.throwIfAborted();
      return await work();
    } catch (error) {
      throw diskFault(error, doing, folder, signal);
    }
  }
}

function formatOf({ key }: CopyOptions): ContentFormat {
  return key ? "qcow2" : "raw";
}

function isSealed({ disk, layers }: DiskSource): boolean {
  return disk !== undefined && !layers;
}
