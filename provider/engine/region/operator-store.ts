import { PostgresContentIndex } from "../catalog/postgres/content-index";
import { PostgresDatabase } from "../catalog/postgres/database";
import { OperatorRecords } from "../catalog/postgres/operator-records";
import { bucketOf } from "../disks/bucket/bucket-url";
import { BucketDiskStore } from "../disks/bucket-disk-store";
import type { KeyStorage } from "../keys/key-storage";
import type { KeyVault } from "../keys/key-vault";
import { openKeyVault } from "../keys/open-key-vault";
import { PostgresKeyStorage } from "../keys/postgres/postgres-key-storage";
import { PostgresWrappedKeys } from "../keys/postgres/postgres-wrapped-keys";
import { PostgresKeyService } from "../keys/postgres-key-service";
import type { WrappedKeys } from "../keys/wrapped-keys";

/** A team's region as its operator works on it, whose login needn't be an account of it. */
export class OperatorStore {
  readonly records: OperatorRecords;
  readonly disks: BucketDiskStore;
  /** The keys of all accounts. */
  readonly keys: PostgresKeyService;
  readonly keyStorage: KeyStorage;
  readonly vault: KeyVault;
  /** Data keys of what the operator's own account has. */
  readonly wrappedKeys: WrappedKeys;
  private readonly database: PostgresDatabase;

  /** `endpoint`: of the operator's login. `disks` and `keys`: as they were applied. */
  constructor(endpoint: string, { disks, keys }: { disks: string; keys: string }, workFolder?: string) {
    this.database = new PostgresDatabase(endpoint);
    this.vault = openKeyVault(keys, { makesFolder: true });
    this.keys = new PostgresKeyService(this.database, this.vault, undefined, "allAccounts");
    this.keyStorage = new PostgresKeyStorage(this.database, "allAccounts");
    this.wrappedKeys = new PostgresWrappedKeys(this.database);
    this.records = new OperatorRecords(this.database);
    const index = new PostgresContentIndex(this.database);
    this.disks = new BucketDiskStore(index, this.keys, { ...bucketOf(disks), workFolder });
  }

  async close(): Promise<void> {
    await this.vault.close();
    await this.database.close();
  }
}
