import { access, link, mkdir, open, readdir, stat, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Fault } from "../violation";
import { blankChecksum } from "./blank-checksum";
import type { CopyOptions, DiskContent, DiskStore, ForeignFile, Progress } from "./disk-store";
import {
  NO_EXTERNAL_CONTENTS,
  registeredBytes,
  requireContentId,
  type ExternalContents,
} from "./external-contents";
import { diskFault } from "./faults";
import { inspectRawFile } from "./raw-file";
import { allocatedBytes, RawDiskFiles, type DiskSource } from "./raw-disk-files";
import { sparseCopy } from "./sparse-copy";
import { syncFolder } from "./sync-folder";
import { FolderSync, publish, removeLeftovers, temporaryPath } from "./temporary-file";

/** Contents as sparse raw files, `<root>/disks/<id>.raw`. The folder is made at the first write. */
export class FolderDiskStore implements DiskStore {
  private readonly folder: string;
  private readonly names: FolderSync;
  private ready: Promise<void> | undefined;
  private readonly files = new RawDiskFiles();

  constructor(
    root: string,
    private readonly external: ExternalContents = NO_EXTERNAL_CONTENTS,
  ) {
    this.folder = join(root, "disks");
    this.names = new FolderSync(this.folder);
  }

  createBlank(id: string, virtualBytes: number): Promise<DiskContent> {
    return this.put(`Making blank disk ${id}`, id, async () => ({ bytes: 0 }), { virtualBytes });
  }

  copy(fromId: string, id: string, options: CopyOptions = {}): Promise<DiskContent> {
    return this.put(`Copying disk ${fromId} to ${id}`, id, (doing) => this.source(doing, fromId), options);
  }

  async share(fromId: string, id: string): Promise<DiskContent> {
    const doing = `Sharing disk ${fromId} as ${id}`;
    requireContentId(doing, id);
    if (this.external(fromId)) return this.copy(fromId, id);
    const linked = await this.attempt(doing, async () => {
      const { path } = await this.source(doing, fromId);
      await this.requireFree(doing, id);
      const isLinked = await link(path!, this.path(id)).then(
        () => true,
        (error: NodeJS.ErrnoException) => {
          if (["EPERM", "ENOTSUP", "EOPNOTSUPP", "EMLINK", "EXDEV"].includes(error.code ?? "")) return false;
          throw error;
        },
      );
      if (!isLinked) return undefined;
      await this.names.sync();
      return described(await stat(this.path(id)));
    });
    return linked ?? this.copy(fromId, id);
  }

  async overlay(baseId: string, id: string): Promise<DiskContent> {
    throw new Fault(`Making disk ${id} on top of ${baseId}`, { says: "this store can't yet" });
  }

  async checksum(id: string, progress?: Progress): Promise<string> {
    const doing = `Taking the checksum of disk ${id}`;
    return this.attempt(doing, async () => {
      const { path, bytes } = await this.source(doing, id);
      if (path === undefined) return blankChecksum(bytes);
      const source = await open(path, "r");
      try {
        return (await sparseCopy({
          source,
          sourceBytes: bytes,
          virtualBytes: bytes,
          checksum: true,
          progress,
        }))!;
      } finally {
        await source.close();
      }
    });
  }

  async inspectFile({ path, property }: ForeignFile): Promise<{ virtualBytes: number }> {
    return { virtualBytes: (await inspectRawFile(path, property)).bytes };
  }

  async exportFile(id: string): Promise<{ sizeBytes: number; checksum: string }> {
    throw new Fault(`Exporting disk ${id}`, { says: "this store can't yet" });
  }

  async list(): Promise<string[]> {
    return this.attempt("Listing the disks", async () => {
      const names = (await readdir(this.folder).catch(ignoreAbsent)) ?? [];
      return names.flatMap((name) => /^([A-Za-z0-9].*)\.raw$/.exec(name)?.[1] ?? []);
    });
  }

  async importFile(
    { path, property }: ForeignFile,
    id: string,
    options: CopyOptions = {},
  ): Promise<DiskContent> {
    const { bytes } = await inspectRawFile(path, property);
    return this.put(`Importing ${path} as disk ${id}`, id, async () => ({ path, bytes }), options);
  }

  async stat(id: string): Promise<{ virtualBytes: number; sizeBytes: number } | undefined> {
    const doing = `Looking at disk ${id}`;
    const external = this.external(id);
    if (external) return { virtualBytes: external.virtualBytes, sizeBytes: 0 };
    requireContentId(doing, id);
    return this.attempt(doing, async () => {
      const found = await stat(this.path(id)).catch(ignoreAbsent);
      return found && described(found);
    });
  }

  async remove(id: string): Promise<void> {
    const doing = `Removing disk ${id}`;
    requireContentId(doing, id);
    await this.attempt(doing, () => unlink(this.path(id)).catch(ignoreAbsent));
  }

  /** Writes a content beside, and gives it its name when it is whole and durable. */
  private async put(
    doing: string,
    id: string,
    findSource: (doing: string) => Promise<DiskSource>,
    options: CopyOptions,
  ): Promise<DiskContent> {
    requireContentId(doing, id);
    return this.attempt(doing, async () => {
      await (this.ready ??= this.prepare());
      await this.requireFree(doing, id);
      const source = await findSource(doing);
      const virtualBytes = Math.max(source.bytes, options.virtualBytes ?? 0);
      const temporary = temporaryPath(this.folder);
      try {
        const content = await this.files.write(temporary, source, virtualBytes, options);
        await publish(temporary, this.path(id), this.names);
        return content;
      } catch (error) {
        await unlink(temporary).catch(() => undefined);
        throw error;
      }
    });
  }

  private async source(doing: string, id: string): Promise<DiskSource> {
    const external = this.external(id);
    if (external) {
      const { path, virtualBytes } = external;
      return path === undefined
        ? { bytes: virtualBytes }
        : { path, bytes: await registeredBytes(doing, path) };
    }
    requireContentId(doing, id);
    const path = this.path(id);
    const found = await stat(path).catch(ignoreAbsent);
    if (!found) throw new Fault(doing, { says: `there is no disk ${id} in ${this.folder}` });
    return { path, bytes: found.size };
  }

  private async requireFree(doing: string, id: string): Promise<void> {
    const isTaken = await access(this.path(id)).then(
      () => true,
      () => false,
    );
    if (isTaken) throw new Fault(doing, { says: `there is a disk ${id} already` });
  }

  private async prepare(): Promise<void> {
    try {
      const made = await mkdir(this.folder, { recursive: true });
      if (made) for (const folder of [dirname(this.folder), dirname(made)]) await syncFolder(folder);
      await removeLeftovers(this.folder);
    } catch (error) {
      this.ready = undefined;
      throw error;
    }
  }

  private async attempt<T>(doing: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw diskFault(error, doing, this.folder);
    }
  }

  private path(id: string): string {
    return join(this.folder, `${id}.raw`);
  }
}

function described(file: { size: number; blocks: number }): { virtualBytes: number; sizeBytes: number } {
  return { virtualBytes: file.size, sizeBytes: allocatedBytes(file) };
}

function ignoreAbsent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
}
