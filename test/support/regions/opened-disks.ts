import { PostgresContentIndex } from "../../../provider/engine/catalog/postgres/content-index";
import { PostgresDatabase } from "../../../provider/engine/catalog/postgres/database";
import { ContentObjects } from "../../../provider/engine/disks/bucket/content-objects";
import { BucketDiskStore } from "../../../provider/engine/disks/bucket-disk-store";
import type { ExternalContents } from "../../../provider/engine/disks/external-contents";
import { openKeyVault } from "../../../provider/engine/keys/open-key-vault";
import { PostgresKeyService } from "../../../provider/engine/keys/postgres-key-service";

/** The disk store of a team's region, and what it is made of. */
export interface OpenedDisks {
  database: PostgresDatabase;
  index: PostgresContentIndex;
  keys: PostgresKeyService;
  store: BucketDiskStore;
  objects: ContentObjects;
  close(): Promise<void>;
}

interface Place {
  /** URL of the database, with a login. */
  endpoint: string;
  /** URL of the key service. */
  keys: string;
  bucket: string;
  prefix: string;
}

/** As a program of the login has them. `external`: contents outside of the region. */
export function openDisks(
  { endpoint, keys: vault, bucket, prefix }: Place,
  external?: ExternalContents,
): OpenedDisks {
  const database = new PostgresDatabase(endpoint);
  const keys = new PostgresKeyService(database, openKeyVault(vault));
  const index = new PostgresContentIndex(database);
  const store = new BucketDiskStore(index, keys, { bucket, prefix, external });
  return {
    ...{ database, index, keys, store, objects: new ContentObjects(index, keys, prefix) },
    async close() {
      await keys.close();
      await database.close();
    },
  };
}
