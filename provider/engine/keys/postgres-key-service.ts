import type { PostgresDatabase } from "../catalog/postgres/database";
import type { KeyVault } from "./key-vault";
import { PostgresKeyStorage } from "./postgres/postgres-key-storage";
import { StoredKeyService } from "./stored-key-service";
import type { Clock } from "./stored-key-service";

/** A team's keys: known to its database, whose clock counts, and held by a vault. */
export class PostgresKeyService extends StoredKeyService {
  /** `of`: as for the storage. */
  constructor(database: PostgresDatabase, vault: KeyVault, now?: Clock, of?: "own" | "allAccounts") {
    const storage = new PostgresKeyStorage(database, of);
    super(storage, vault, now ?? (() => storage.now()));
  }
}
