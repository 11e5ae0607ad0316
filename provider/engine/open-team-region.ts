import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { PostgresContentIndex } from "./catalog/postgres/content-index";
import { PostgresDatabase } from "./catalog/postgres/database";
import { readSettings, type TeamSettings } from "./catalog/postgres/settings";
import { PostgresCatalog } from "./catalog/postgres-catalog";
import { bucketOf } from "./disks/bucket/bucket-url";
import { BucketDiskStore } from "./disks/bucket-disk-store";
import type { ExternalContents } from "./disks/external-contents";
import type { ImageEngine } from "./engine";
import { createImageEngine } from "./image-engine";
import type { KeyOwner } from "./keys/key-service";
import { openKeyVault } from "./keys/open-key-vault";
import { PostgresWrappedKeys } from "./keys/postgres/postgres-wrapped-keys";
import { PostgresKeyService } from "./keys/postgres-key-service";

const GIB = 2 ** 30;

/** For what keys and disks ask while the catalogue is at work. */
const CONNECTIONS_BESIDE = 2;

export interface TeamRegionOptions {
  /** URL of the region's database. */
  endpoint: string;
  region?: string;
  account?: string;
}

/** A region that a team shares: its catalogue in PostgreSQL, and the disks and keys that this names. */
export async function openTeamRegion({ endpoint, region, account }: TeamRegionOptions): Promise<ImageEngine> {
  const database = new PostgresDatabase(endpoint);
  const beside = database.apart({ connections: CONNECTIONS_BESIDE });
  const closeAll = async () => {
    await database.close();
    await beside.close();
  };
  try {
    const settings = await readSettings(database);
    const keys = new PostgresKeyService(beside, openKeyVault(settings.keys));
    const workFolder = join(tmpdir(), `pulumi-private-images-${userInfo().username}`);
    const disks = new BucketDiskStore(new PostgresContentIndex(beside), keys, {
      ...bucketOf(settings.disks),
      workFolder,
      external: standIns(settings),
      owners: ownAccounts(settings),
    });
    const engine = createImageEngine(new PostgresCatalog(database, settings), disks, keys, {
      ...{ region, account, workFolder },
      temporaryFolders: [workFolder],
      wrappedKeys: new PostgresWrappedKeys(beside),
    });
    return { ...engine, close: () => engine.close().finally(closeAll) };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

function ownAccounts({ regions }: TeamSettings): KeyOwner[] {
  return regions.flatMap(({ name: region, accounts }) =>
    accounts.filter(({ foreign }) => !foreign).map(({ name: account }) => ({ region, account })),
  );
}

/** Offered images that the operator registered no disk for. */
function standIns({ offeredImages }: TeamSettings): ExternalContents {
  const bytes = new Map(
    offeredImages
      .filter(({ standIn }) => standIn)
      .flatMap(({ deviceMappings }) => deviceMappings.map(({ id, size }) => [id, size * GIB] as const)),
  );
  return (id) => {
    const virtualBytes = bytes.get(id);
    return virtualBytes === undefined ? undefined : { virtualBytes };
  };
}
