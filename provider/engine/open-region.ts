import { statSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { SqliteCatalog } from "./catalog/sqlite-catalog";
import { isPostgres } from "./catalog/postgres/address";
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
  /**
   * Folder of the embedded region, a path or a `file:` URL, which is made at the first write; or the URL of a team's
   * database, `postgres://login@host:5432/database`, which must be there.
   */
  endpoint: string;
  /** Default: the first region of the operator's file, of a team's the first in which one has an account. */
  region?: string;
  /** Default: the first account of the region, of a team's the first that is one's own. */
  account?: string;
}

/**
 * Opens the engine of a region on the adapters that its endpoint asks for. Throws ViolationError for wrong options or a
 * wrong region file, and a Fault where a team's database can't be used.
 */
export async function openRegion(options: RegionOptions): Promise<ImageEngine> {
  if (isPostgres(options.endpoint)) {
    // Its clients are loaded only where they are needed.
    const { openTeamRegion } = await import("./open-team-region.js");
    return openTeamRegion(options);
  }
  const { endpoint, region, account } = options;
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
          `The endpoint ${withoutCredentials(endpoint)} is neither a folder nor a PostgreSQL database. ` +
          "Set images:endpoint to a path, to postgres://LOGIN@HOST/DATABASE, or leave it out for .images/ beside Pulumi.yaml.",
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
