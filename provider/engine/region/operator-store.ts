import { AppliedSetup } from "../catalog/postgres/applied-setup";
import { PostgresContentIndex } from "../catalog/postgres/content-index";
import { PostgresDatabase } from "../catalog/postgres/database";
import { OperatorContents } from "../catalog/postgres/operator-contents";
import { OperatorRecords } from "../catalog/postgres/operator-records";
import { bucketOf } from "../disks/bucket/bucket-url";
import { BucketDiskStore } from "../disks/bucket-disk-store";
import { OPERATOR } from "../keys/key-service";
import type { KeyStorage } from "../keys/key-storage";
import type { KeyVault } from "../keys/key-vault";
import { openKeyVault } from "../keys/open-key-vault";
import { PostgresKeyStorage } from "../keys/postgres/postgres-key-storage";
import { PostgresWrappedKeys } from "../keys/postgres/postgres-wrapped-keys";
import { PostgresKeyService } from "../keys/postgres-key-service";
import type { WrappedKeys } from "../keys/wrapped-keys";
import { Fault } from "../violation";

interface Places {
  disks: string;
  keys: string;
  regions: readonly { name: string }[];
}

/** A team's region as its operator works on it, whose login needn't be an account of it. */
export class OperatorStore {
  readonly records: OperatorRecords;
  readonly contents: OperatorContents;
  readonly disks: BucketDiskStore;
  /** The keys of all accounts. */
  readonly keys: PostgresKeyService;
  readonly keyStorage: KeyStorage;
  readonly vault: KeyVault;
  /** Data keys of what the operator's own account has. */
  readonly wrappedKeys: WrappedKeys;
  private readonly database: PostgresDatabase;

  /** As it was applied. Throws a Fault where nothing was, or by another login than the operator's. */
  static async open(endpoint: string): Promise<OperatorStore> {
    const applied = new AppliedSetup(endpoint);
    try {
      const { disks, keys, regions } = (await applied.read([])).setup;
      if (disks !== undefined && keys !== undefined) {
        return new OperatorStore(endpoint, { disks, keys, regions });
      }
      throw new Fault(`Opening the region ${applied.address.described}`, {
        says: "none was applied to it",
        left: "Run first: images region apply",
      });
    } finally {
      await applied.close();
    }
  }

  /** `endpoint`: of the operator's login. `places`: as they were applied. */
  constructor(
    endpoint: string,
    readonly places: Places,
    workFolder?: string,
  ) {
    const { disks, keys, regions } = places;
    this.database = new PostgresDatabase(endpoint);
    this.vault = openKeyVault(keys, { makesFolder: true });
    this.keys = new PostgresKeyService(this.database, this.vault, undefined, "allAccounts");
    this.keyStorage = new PostgresKeyStorage(this.database, "allAccounts");
    this.wrappedKeys = new PostgresWrappedKeys(this.database);
    this.records = new OperatorRecords(this.database);
    this.contents = new OperatorContents(this.database);
    const index = new PostgresContentIndex(this.database);
    this.disks = new BucketDiskStore(index, this.keys, {
      ...bucketOf(disks),
      workFolder,
      owners: regions.map(({ name }) => ({ region: name, account: OPERATOR })),
    });
  }

  async close(): Promise<void> {
    await this.vault.close();
    await this.database.close();
  }
}
