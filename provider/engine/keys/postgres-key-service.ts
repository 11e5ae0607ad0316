import type { PostgresDatabase } from "../catalog/postgres/database";
import type { KeyVault } from "./key-vault";
import { PostgresKeyStorage } from "./postgres/postgres-key-storage";
import { StoredKeyService } from "./stored-key-service";
import type { Clock } from "./stored-key-service";

/** A team's keys: known to its database, whose clock counts, and held by a vault. */
export class PostgresKeyService extends StoredKeyService {
  constructor(database: PostgresDatabase, vault: KeyVault, now?: Clock) {
    const storage = new PostgresKeyStorage(database);
    super(storage, vault, now ?? (() => storage.now()));
  }
}
