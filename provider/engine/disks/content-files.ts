import { statSync } from "node:fs";
import { mkdir, open, readdir, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Fault } from "../violation";
import { allocatedBytes, rawSource, type DiskSource } from "./disk-source";
import { registeredBytes, requireContentId, type ExternalContents } from "./external-contents";
import { readQcow2 } from "./qcow2-file";
import { syncFolder } from "./sync-folder";
import { removeLeftovers } from "./temporary-file";

/** Plain contents are raw files; overlays and sealed ones are qcow2. */
const FORMATS = ["raw", "qcow2"] as const;
export type ContentFormat = (typeof FORMATS)[number];

/** A content's file, as it stands. */
export interface ContentFile {
  id: string;
  /** In the store's folder. */
  name: string;
  format: ContentFormat;
  virtualBytes: number;
  sizeBytes: number;
  isSealed: boolean;
  /** Name of the file that it is based on. */
  base?: string;
}

/** The files of a store: a content's is named by its ID and format. */
export class ContentFiles {
  private ready: Promise<void> | undefined;

  constructor(
    readonly folder: string,
    private readonly external: ExternalContents,
  ) {}

  path(name: string): string {
    return join(this.folder, name);
  }

  /** Makes the folder at the first write, and clears away what processes that died left half-written. */
  async prepare(): Promise<void> {
    await (this.ready ??= this.make());
  }

  async find(id: string): Promise<ContentFile | undefined> {
    for (const format of FORMATS) {
      const found = await this.look(nameOf(id, format));
      if (found) return { id, ...found };
    }
    return undefined;
  }

  async require(doing: string, id: string): Promise<ContentFile> {
    requireContentId(doing, id);
    const found = await this.find(id);
    if (!found) throw new Fault(doing, { says: `there is no disk ${id} in ${this.folder}` });
    return found;
  }

  async requireFree(doing: string, id: string): Promise<void> {
    if (await this.find(id)) throw new Fault(doing, { says: `there is a disk ${id} already` });
  }

  /** What a copy of a content, held or external, is made from. */
  async source(doing: string, id: string): Promise<DiskSource> {
    const external = this.external(id);
    if (external) {
      const { path, virtualBytes } = external;
      if (path === undefined) return { bytes: virtualBytes };
      return rawSource(await registeredBytes(doing, path), path);
    }
    const { name, format, virtualBytes: bytes, isSealed, base } = await this.require(doing, id);
    const disk = { format, file: name };
    return isSealed ? { bytes, disk } : { bytes, disk, layers: await this.layers(doing, name, base) };
  }

  async list(): Promise<string[]> {
    const names = (await readdir(this.folder).catch(ignoreAbsent)) ?? [];
    return names.flatMap((name) => /^([A-Za-z0-9].*)\.(?:raw|qcow2)$/.exec(name)?.[1] ?? []);
  }

  async remove(id: string): Promise<void> {
    for (const format of FORMATS) await unlink(this.path(nameOf(id, format))).catch(ignoreAbsent);
  }

  private async layers(doing: string, name: string, base: string | undefined): Promise<string[]> {
    const layers = [this.path(name)];
    for (let below = base; below !== undefined;) {
      const found = await this.look(below);
      if (!found) throw new Fault(doing, { says: `the disk ${below} that it is based on is gone` });
      layers.push(this.path(below));
      below = found.base;
    }
    return layers;
  }

  private async look(name: string): Promise<Omit<ContentFile, "id"> | undefined> {
    const path = this.path(name);
    // It takes a microsecond or two; to have another thread do it takes fifty.
    const found = statSync(path, { throwIfNoEntry: false });
    if (!found) return undefined;
    const sizeBytes = allocatedBytes(found);
    if (!name.endsWith(".qcow2"))
      return { name, format: "raw", virtualBytes: found.size, sizeBytes, isSealed: false };
    const file = await open(path, "r").catch(ignoreAbsent);
    if (!file) return undefined;
    try {
      return { name, format: "qcow2", sizeBytes, ...(await readQcow2(file)) };
    } finally {
      await file.close();
    }
  }

  private async make(): Promise<void> {
    try {
      const made = await mkdir(this.folder, { recursive: true });
      if (made) for (const folder of [dirname(this.folder), dirname(made)]) await syncFolder(folder);
      await removeLeftovers(this.folder);
    } catch (error) {
      this.ready = undefined;
      throw error;
    }
  }
}

export function nameOf(id: string, format: ContentFormat): string {
  return `${id}.${format}`;
}

function ignoreAbsent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
}
