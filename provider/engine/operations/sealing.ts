import type { DataKey } from "../disks/disk-store";
import * as say from "../messages";
import type { Sealing } from "../model";
import { isKnown, UNKNOWN } from "../requests";
import type { Maybe } from "../requests";
import { keyNeedsEncryptionRule, masterKeyRule, sourceKeyRule, withheldRule } from "../rules/encryption";
import type { Reached } from "../rules/sources";
import { Fault, ViolationError } from "../violation";
import type { Violation } from "../violation";
import type { Run } from "./run";

/** What is known of how a thing is sealed: a record, or a draft. */
export interface SealingFacts {
  encrypted: Maybe<boolean>;
  kmsKeyId?: Maybe<string | undefined>;
}

/** A record that stands, or has its place. */
export interface SealedRecord extends Sealing {
  id: string;
  region: string;
  account?: string;
  encrypted: boolean;
}

/** The keys that disk work needs. `CopyOptions` takes them as they are. */
export interface DataKeys {
  key?: DataKey;
  fromKey?: DataKey;
}

/**
 * The master key of a draft: what is asked for, else the source's, else the owner's default. None for what isn't
 * encrypted; UNKNOWN while the owner has no default key, which `newDataKey` then makes.
 */
export async function masterKeyOf(
  run: Run,
  encrypted: Maybe<boolean>,
  asked: Maybe<string> | undefined,
  source: SealingFacts | undefined,
  owner: { region: Maybe<string>; account?: Maybe<string | undefined> },
): Promise<Maybe<string> | undefined> {
  if (encrypted === false) return undefined;
  if (asked !== undefined) return asked;
  if (!isKnown(encrypted) || (source && !isKnown(source.encrypted))) return UNKNOWN;
  if (source?.encrypted === true && source.kmsKeyId !== undefined) return source.kmsKeyId;
  const { region, account } = owner;
  if (!isKnown(region) || account === undefined || !isKnown(account)) return UNKNOWN;
  const keys = await run.masterKeys();
  const found = keys.find((key) => key.isDefault && key.region === region && key.account === account);
  return found?.id ?? UNKNOWN;
}

/**
 * What stands in the way of sealing a draft, and of reading its sealed source. `asked`: the key that the program
 * states; `draft`: with the key that `masterKeyOf` settled.
 */
export async function sealingViolations(
  run: Run,
  asked: Maybe<string> | undefined,
  draft: SealingFacts & { region: Maybe<string>; account?: Maybe<string | undefined> },
  source: Reached<"image" | "instance" | "volume"> | undefined,
): Promise<Violation[]> {
  const { encrypted, kmsKeyId } = draft;
  const violations = [...keyNeedsEncryptionRule(encrypted, asked), ...(source ? withheldRule(source) : [])];
  const isSealed = encrypted === true && kmsKeyId !== undefined;
  if (!isSealed && source?.record?.encrypted !== true) return violations;
  const keys = await run.masterKeys();
  if (source) violations.push(...sourceKeyRule(source, keys));
  // A key that comes from the source is judged with it.
  const isSources = asked === undefined && kmsKeyId === source?.record?.kmsKeyId;
  if (isSealed && !isSources) violations.push(...masterKeyRule(kmsKeyId as Maybe<string>, draft, keys));
  return violations;
}

/**
 * For `fill`: a data key of the record's own, and what the finished record keeps of it. A record that has one (in a
 * rebuild) keeps it; nothing for a record that isn't encrypted. Throws ViolationError where the master key can't be used (any more).
 */
export async function newDataKey(
  run: Run,
  record: SealedRecord,
): Promise<{ dataKey?: DataKey; recorded: Sealing }> {
  if (!record.encrypted) return { recorded: {} };
  if (record.wrappedKey !== undefined) return { dataKey: await dataKeyOf(run, record), recorded: {} };
  const { region, account } = record;
  if (account === undefined) throw new Fault(`Sealing ${record.id}`, { says: "it belongs to no account" });
  const kmsKeyId = record.kmsKeyId ?? (await run.defaultKey({ region, account })).id;
  const { dataKey, wrappedKey } = await run.keys.generateDataKey(kmsKeyId);
  return { dataKey, recorded: { kmsKeyId, wrappedKey } };
}

/** Opens what stands; undefined where it isn't encrypted. The caller clears it (`fill(0)`) after use. */
export async function dataKeyOf(run: Run, record: SealedRecord): Promise<DataKey | undefined> {
  if (!record.encrypted) return undefined;
  if (record.wrappedKey === undefined) throw await missingDataKey(run, record);
  return run.keys.unwrap(record.wrappedKey);
}

/** A team's catalogue shows no data key while its master key is disabled. */
async function missingDataKey(run: Run, { id, kmsKeyId }: SealedRecord): Promise<Error> {
  const key = (await run.keys.list()).find((key) => key.id === kmsKeyId);
  if (key && key.state !== "enabled") return new ViolationError([say.masterKeyUnusable("", key, id)]);
  return new Fault(`Opening ${id}`, { says: "it is encrypted, and the catalogue has no data key of it" });
}

/**
 * For `fill`: the disk work of a record with its own new data key and that of its source, cleared afterwards.
 * Returns what the work found and what the finished record keeps of its key.
 */
export async function sealed<Found extends object>(
  run: Run,
  record: SealedRecord,
  source: SealedRecord | undefined,
  work: (keys: DataKeys) => Promise<Found>,
): Promise<Found & Sealing> {
  const fromKey = source && (await dataKeyOf(run, source));
  try {
    const { dataKey: key, recorded } = await newDataKey(run, record);
    try {
      return { ...(await work({ key, fromKey })), ...recorded };
    } finally {
      key?.fill(0);
    }
  } finally {
    fromKey?.fill(0);
  }
}
