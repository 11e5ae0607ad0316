import type { OperatorRecords } from "../../catalog/postgres/operator-records";
import type { BucketDiskStore } from "../../disks/bucket-disk-store";
import type { KeyStorage } from "../../keys/key-storage";
import type { KeyVault } from "../../keys/key-vault";
import type { StoredKey } from "../../keys/stored-key";
import { contextOf, parseWrapped, wrappedText } from "../../keys/wrapped-key";
import { Fault } from "../../violation";
import type { CopiedContent, CopiedRecord } from "./copied-records";
import type { CopyPlan } from "./copy-plan";
import type { SourceRegion } from "./source-region";

/** The first version of a key where it is copied to: its material doesn't leave the service that it comes from. */
const FIRST_VERSION = 1;

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
  /** Where disks stand on their way; room for the greatest one is needed. */
  workFolder: string;
  /** Told as disks are there, verified. */
  report(done: number, of: number, content: CopiedContent): void;
}

/** Copies what is planned. What a copy that was cut off brought is taken up; records come last, all at once. */
export async function copyRegion(
  source: SourceRegion,
  target: OpenTarget,
  plan: CopyPlan,
  { workFolder, report }: CopyOptions,
): Promise<void> {
  const endActing = await target.records.actAs(target.roles);
  try {
    for (const key of plan.keys) await copyKey(target, key);
    await target.records.nameContents(plan.contents);
    for (const [index, content] of plan.contents.entries()) {
      await copyContent(source, target, content, workFolder);
      report(index + 1, plan.contents.length, content);
    }
    const records: CopiedRecord[] = [];
    for (const record of plan.records) records.push(await wrappedAnew(source, target.vault, record));
    await target.records.take(records);
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

async function copyContent(
  source: SourceRegion,
  { disks, records }: OpenTarget,
  content: CopiedContent,
  workFolder: string,
): Promise<void> {
  const { id, wrappedKey } = content;
  const key = wrappedKey === undefined ? undefined : await source.unwrap(wrappedKey);
  // No checksum was taken down when it was sent: this reads all of it back.
  const readBack = () => disks.checksum(id, { fromKey: key });
  try {
    await source.withPlainFile(content, workFolder, async (path, checksum) => {
      if (await disks.stat(id)) {
        const found = await readBack().catch(() => undefined);
        if (found === checksum) return;
        await disks.remove(id);
        await records.nameContents([content]);
      }
      await disks.importFile({ path, format: "raw", property: "" }, id, { key });
      if ((await readBack()) === checksum) return;
      throw new Fault(`Copying disk ${id}`, {
        says: "what was read back isn't what was sent",
        left: "No record was copied. Copy again: that sends this disk anew",
      });
    });
  } finally {
    key?.fill(0);
  }
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
