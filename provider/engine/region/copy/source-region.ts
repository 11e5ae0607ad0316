import { constants } from "node:fs";
import { copyFile, mkdir, mkdtemp, rm, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { SqliteCatalog } from "../../catalog/sqlite-catalog";
import type { Progress } from "../../disks/disk-store";
import { FolderDiskStore } from "../../disks/folder-disk-store";
import { FolderKeyService } from "../../keys/folder-key-service";
import { FolderKeyStorage } from "../../keys/folder/folder-key-storage";
import { Fault } from "../../violation";
import { readRegionFile } from "../region-file";
import type { CopiedContent } from "./copied-records";
import type { CopySource } from "./copy-plan";

/** A region in a folder that is to be copied. Nothing of it is changed, nor written beside it. */
export class SourceRegion {
  private constructor(
    readonly folder: string,
    private readonly catalog: SqliteCatalog,
    private readonly disks: FolderDiskStore,
    private readonly keys: FolderKeyService,
  ) {}

  static async open(endpoint: string): Promise<SourceRegion> {
    const folder = resolve(/^file:/i.test(endpoint) ? fileURLToPath(endpoint) : endpoint);
    const file = join(folder, "catalog.db");
    await stat(file).catch((error: Error) => {
      throw new Fault(`Opening the region in ${folder}`, {
        says: "there is no catalogue. Name the folder of an embedded region: .images beside Pulumi.yaml by default",
        cause: error,
      });
    });
    const settings = await readRegionFile(folder);
    return new SourceRegion(
      folder,
      new SqliteCatalog(file, settings),
      new FolderDiskStore(folder, settings.external),
      new FolderKeyService(join(folder, "keys")),
    );
  }

  async read(): Promise<CopySource> {
    const [snapshot, keys] = await Promise.all([
      this.catalog.snapshot(),
      new FolderKeyStorage(join(this.folder, "keys")).all(),
    ]);
    return { snapshot, keys, now: new Date() };
  }

  unwrap(wrappedKey: string): Promise<Buffer> {
    return this.keys.unwrap(wrappedKey);
  }

  /**
   * Works on a raw file with what a content reads as, in a folder that others can't read, and removes it. `checksum`:
   * `sha256:<hex>` of that.
   */
  async withPlainFile<T>(
    { id, wrappedKey }: CopiedContent,
    { workFolder, progress }: { workFolder: string; progress: Progress },
    work: (path: string, checksum: string) => Promise<T>,
  ): Promise<T> {
    const folder = await mkdtemp(join(workFolder, "images-copy-"));
    try {
      const path = join(folder, `${id}.raw`);
      const disks = wrappedKey === undefined ? this.disks : await this.opened(id, wrappedKey, folder);
      const { checksum } = await disks.exportFile(id, { path, format: "raw" }, { progress });
      return await work(path, checksum);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  async close(): Promise<void> {
    await this.catalog.close();
    await this.keys.close();
  }

  /** A store in the work folder that holds a sealed content open. */
  private async opened(id: string, wrappedKey: string, folder: string): Promise<FolderDiskStore> {
    const sealed = `sealed-${id}`;
    const from = join(this.folder, "disks", `${id}.qcow2`);
    const to = join(folder, "disks", `${sealed}.qcow2`);
    await mkdir(dirname(to));
    await copyFile(from, to, constants.COPYFILE_FICLONE);
    const disks = new FolderDiskStore(folder);
    const fromKey = await this.unwrap(wrappedKey);
    try {
      await disks.copy(sealed, id, { fromKey });
    } finally {
      fromKey.fill(0);
    }
    await disks.remove(sealed);
    return disks;
  }
}
