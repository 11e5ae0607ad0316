import { PostgresContentIndex } from "../catalog/postgres/content-index";
import { PostgresDatabase } from "../catalog/postgres/database";
import { OperatorRecords } from "../catalog/postgres/operator-records";
import { Bucket } from "../disks/bucket/bucket";
import { bucketOf } from "../disks/bucket/bucket-url";
import { BucketDiskStore } from "../disks/bucket-disk-store";
import type { KeyVault } from "../keys/key-vault";
import { openKeyVault } from "../keys/open-key-vault";
import { PostgresKeyStorage } from "../keys/postgres/postgres-key-storage";
import { PostgresKeyService } from "../keys/postgres-key-service";
import { s3Fault } from "../s3/s3-faults";

const REACH_MS = 5_000;

/** A team's region as its operator works on it, whose login needn't be an account of it. */
export class OperatorStore {
  readonly records: OperatorRecords;
  readonly disks: BucketDiskStore;
  readonly keys: PostgresKeyStorage;
  readonly vault: KeyVault;
  private readonly place: { bucket: string; prefix: string };
  private readonly database: PostgresDatabase;

  /** `endpoint`: of the operator's login. `disks` and `keys`: as they were applied. */
  constructor(endpoint: string, { disks, keys }: { disks: string; keys: string }, workFolder?: string) {
    this.place = bucketOf(disks);
    this.database = new PostgresDatabase(endpoint);
    this.vault = openKeyVault(keys, { makesFolder: true });
    this.keys = new PostgresKeyStorage(this.database);
    this.records = new OperatorRecords(this.database);
    const service = new PostgresKeyService(this.database, this.vault);
    const index = new PostgresContentIndex(this.database);
    this.disks = new BucketDiskStore(index, service, { ...this.place, workFolder });
  }

  /** Throws a Fault where the bucket isn't there, or may not be looked into. */
  async reachBucket(): Promise<void> {
    const { bucket, prefix } = this.place;
    try {
      for await (const _key of Bucket.named(bucket, { retryMs: REACH_MS }).keys(prefix)) return;
    } catch (error) {
      throw s3Fault((error as Error).cause, `Looking into the bucket ${bucket}`, bucket);
    }
  }

  async close(): Promise<void> {
    await this.vault.close();
    await this.database.close();
  }
}
