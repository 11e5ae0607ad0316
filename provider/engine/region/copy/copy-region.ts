import type { OperatorRecords } from "../../catalog/postgres/operator-records";
import type { BucketDiskStore } from "../../disks/bucket-disk-store";
import type { KeyStorage } from "../../keys/key-storage";
import type { KeyVault } from "../../keys/key-vault";
import type { StoredKey } from "../../keys/stored-key";
import { contextOf, parseWrapped, wrappedText } from "../../keys/wrapped-key";
import { inLanes } from "../../in-lanes";
import type { CopiedRecord } from "./copied-records";
import { copyContents } from "./copy-contents";
import type { CopyReport } from "./copy-contents";
import type { CopyPlan } from "./copy-plan";
import type { SourceRegion } from "./source-region";

/** The first version of a key where it is copied to: its material doesn't leave the service that it comes from. */
const FIRST_VERSION = 1;

/** Key services may be far away: so many data keys are wrapped at a time. */
const KEYS_AT_ONCE = 8;

/** Where a region is copied to, opened by its operator. */
export interface OpenTarget {
  records: OperatorRecords;
  disks: BucketDiskStore;
  keyStorage: KeyStorage;
  vault: KeyVault;
  /** Database roles of the accounts whose things are copied. */
  roles: readonly string[];
}

export interface CopyOptions {
  /** Where disks stand on their way; each of those at work needs its room. */
  workFolder: string;
  /** Disks at work at the same time. */
  lanes: number;
  report: CopyReport;
}

/** Copies what is planned. What a copy that was cut off brought is taken up; records come last, all at once. */
export async function copyRegion(
  source: SourceRegion,
  target: OpenTarget,
  plan: CopyPlan,
  options: CopyOptions,
): Promise<void> {
  const endActing = await target.records.actAs(target.roles);
  try {
    for (const key of plan.keys) await copyKey(target, key);
    await target.records.nameContents(plan.contents);
    await copyContents(source, target, plan.contents, options);
    const records: CopiedRecord[] = new Array<CopiedRecord>(plan.records.length);
    await inLanes(plan.records.entries(), KEYS_AT_ONCE, async ([index, record]) => {
      records[index] = await wrappedAnew(source, target.vault, record);
    });
    await target.records.take(records, (count) => options.report.records(count, records.length));
  } finally {
    await endActing();
  }
}

/** The key keeps its ID, which programs name. */
async function copyKey({ keyStorage: keys, vault }: OpenTarget, key: StoredKey): Promise<void> {
  if (await keys.find(key.id)) return;
  await vault.generate(key.id, FIRST_VERSION);
  await keys.exclusively((change) => change.put({ ...key, version: FIRST_VERSION }));
}

/** The same data key, wrapped by the key of the same ID where it is copied to. */
async function wrappedAnew(
  source: SourceRegion,
  vault: KeyVault,
  copied: CopiedRecord,
): Promise<CopiedRecord> {
  const { wrappedKey } = copied.record as { wrappedKey?: string };
  if (wrappedKey === undefined) return copied;
  const { id } = parseWrapped(wrappedKey);
  const dataKey = await source.unwrap(wrappedKey);
  try {
    const context = contextOf(id, FIRST_VERSION);
    const sealed = await vault.wrap(id, FIRST_VERSION, dataKey, context);
    return {
      ...copied,
      record: { ...copied.record, wrappedKey: wrappedText(context, sealed) },
    } as CopiedRecord;
  } finally {
    dataKey.fill(0);
  }
}
