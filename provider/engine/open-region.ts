import { statSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { SqliteCatalog } from "./catalog/sqlite-catalog";
import { FolderDiskStore } from "./disks/folder-disk-store";
import { createImageEngine } from "./image-engine";
import { FolderKeyService } from "./keys/folder-key-service";
import { readRegionFile } from "./region/region-file";
import type { ImageEngine } from "./engine";
import { ViolationError } from "./violation";

const CATALOG_FILE = "catalog.db";
const KEY_FOLDER = "keys";
const WORK_FOLDER = "exporting";

export interface RegionOptions {
  /** Folder of the embedded region: a path, or a `file:` URL. It is made at the first write. */
  endpoint: string;
  /** Default: the first region of the operator's file. */
  region?: string;
  /** Default: the first account of the region. */
  account?: string;
}

/** Opens the engine of a region on the adapters that its endpoint asks for. Throws ViolationError for wrong options or a wrong region file. */
export async function openRegion({ endpoint, region, account }: RegionOptions): Promise<ImageEngine> {
  const folder = folderOf(endpoint);
  const settings = await readRegionFile(folder);
  const catalog = new SqliteCatalog(join(folder, CATALOG_FILE), settings);
  const disks = new FolderDiskStore(folder, settings.external);
  const keys = new FolderKeyService(join(folder, KEY_FOLDER));
  const workFolder = join(folder, WORK_FOLDER);
  const temporaryFolders = [join(folder, "disks"), join(folder, KEY_FOLDER), workFolder];
  return createImageEngine(catalog, disks, keys, { region, account, workFolder, temporaryFolders });
}

function folderOf(endpoint: string): string {
  if (/^file:/i.test(endpoint)) return fileURLToPath(endpoint);
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(endpoint)) {
    throw new ViolationError([
      {
        property: "endpoint",
        reason:
          `The endpoint ${withoutCredentials(endpoint)} isn't a folder, and this version serves regions kept in folders only. ` +
          "Set images:endpoint to a path, or leave it out for .images/ beside Pulumi.yaml.",
      },
    ]);
  }
  const folder = resolve(endpoint);
  if (statSync(folder, { throwIfNoEntry: false })?.isFile()) {
    throw new ViolationError([
      {
        property: "endpoint",
        reason: `${folder} is a file. Set images:endpoint to the folder of a region, or to one that is to be made.`,
      },
    ]);
  }
  return folder;
}

function withoutCredentials(url: string): string {
  return url.replace(/\/\/.*@/, "//").replace(/[?#].*$/, "");
}
