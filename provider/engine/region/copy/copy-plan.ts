import { isDeepStrictEqual } from "node:util";
import type { CatalogSnapshot } from "../../catalog/catalog";
import { isGone } from "../../keys/stored-key";
import type { StoredKey } from "../../keys/stored-key";
import { parseWrapped } from "../../keys/wrapped-key";
import { describe } from "../../messages";
import type { ImageRecord } from "../../model";
import { snapshotsOf } from "../../rules/quotas";
import type { RegionPart } from "../region-setup";
import { ownContents, recordsOf, standingAlone } from "./copied-records";
import type { CopiedContent, CopiedRecord } from "./copied-records";

/** What the region that is copied holds. */
export interface CopySource {
  snapshot: CatalogSnapshot;
  keys: readonly StoredKey[];
  now: Date;
}

/** What the region that it is copied to is, and what of it stands there already. */
export interface CopyTarget {
  regions: readonly RegionPart[];
  records: readonly CopiedRecord[];
  /** IDs of master keys. */
  keys: readonly string[];
}

export interface CopyPlan {
  /** Those that the target hasn't, as they will be there. */
  records: CopiedRecord[];
  contents: CopiedContent[];
  /** Master keys that can be used, and that the target hasn't. */
  keys: StoredKey[];
  /** Records that stand in the target as they are. */
  present: number;
  /** What can't be copied, and what to do about it; nothing is copied then. */
  refusals: string[];
}

/** What is to be copied for the target to have all that the source has. */
export function planCopy({ snapshot, keys, now }: CopySource, target: CopyTarget): CopyPlan {
  const all = recordsOf(snapshot).map(standingAlone);
  const standing = new Map(target.records.map(({ record }) => [record.id, record]));
  const records = all.filter(({ record }) => !standing.has(record.id));
  const plan = {
    records,
    contents: contentsOf(records),
    keys: keys.filter((key) => isUsable(key, now) && !target.keys.includes(key.id)),
    present: all.length - records.length,
  };
  const refusals = [
    ...all.flatMap((copied) => changed(copied, standing.get(copied.record.id))),
    ...unfinished(all),
    ...missingAccounts(all, plan.keys, target.regions),
    ...missingImages(all, snapshot, target.regions),
    ...lockedContents(records, keys, now),
    ...fullAccounts(all, target.regions),
  ];
  return { ...plan, refusals: [...new Set(refusals)] };
}

function isUsable(key: StoredKey, now: Date): boolean {
  return !isGone(key, now) && !key.disabled && key.deletedAt === undefined;
}

function contentsOf(records: readonly CopiedRecord[]): CopiedContent[] {
  const contents = new Map<string, CopiedContent>();
  for (const content of records.flatMap(ownContents)) contents.set(content.id, content);
  return [...contents.values()];
}

function changed(copied: CopiedRecord, standing: CopiedRecord["record"] | undefined): string[] {
  if (!standing || isDeepStrictEqual(comparable(copied.record), comparable(standing))) return [];
  return [
    `${worded(copied)} stands in both regions and was changed in one of them since it was copied. ` +
      "Take its stack to the region that it was copied to, and delete nothing of it here.",
  ];
}

/** Data keys are wrapped anew, records numbered anew, and marks of later runs come whenever a program runs. */
function comparable(record: CopiedRecord["record"]): unknown {
  const { sequence: _sequence, origin, ...rest } = record;
  const { wrappedKey: _wrappedKey, ...plain } = rest as typeof rest & { wrappedKey?: string };
  const known = { ...plain, creationToken: origin?.creationToken };
  return JSON.parse(JSON.stringify(known));
}

function unfinished(records: readonly CopiedRecord[]): string[] {
  return records.flatMap((copied) =>
    "status" in copied.record && copied.record.status === "creating"
      ? [`${worded(copied)} is being made. Run the copy again when no program runs on the region.`]
      : [],
  );
}

function missingAccounts(
  records: readonly CopiedRecord[],
  keys: readonly StoredKey[],
  regions: readonly RegionPart[],
): string[] {
  const owners = [...records.map(({ record }) => record), ...keys];
  return owners.flatMap(({ region, account = "" }) => {
    const found = regions.find(({ name }) => name === region);
    if (found?.accounts.some(({ name }) => name === account)) return [];
    const what = found ? `account ${account} in region ${region}` : `region ${region}`;
    return [`There is no ${what} where it is to be copied to: add it to its file, and apply that.`];
  });
}

/** Programs name the images that their instances were made of. */
function missingImages(
  records: readonly CopiedRecord[],
  { images }: CatalogSnapshot,
  regions: readonly RegionPart[],
): string[] {
  const offered = new Map(
    images.filter(({ visibility }) => visibility !== "private").map((each) => [each.id, each]),
  );
  return records.flatMap(({ kind, record }) => {
    const image =
      kind === "instance" && record.imageId !== undefined ? offered.get(record.imageId) : undefined;
    const there = regions.find(({ name }) => name === record.region)?.offered ?? [];
    if (!image || there.some(({ id }) => id === image.id)) return [];
    return [
      `${capital(image.visibility)} image ${image.id} (${image.name}), which instances were made of, isn't offered by ` +
        `region ${record.region} where they are to be copied to, under that ID. Add it to that region's file, and ` +
        "apply it; images of the public catalogue have their own ID in the file's first region only.",
    ];
  });
}

function lockedContents(records: readonly CopiedRecord[], keys: readonly StoredKey[], now: Date): string[] {
  return records.flatMap((copied) => {
    const { wrappedKey } = copied.record as { wrappedKey?: string };
    if (wrappedKey === undefined) return [];
    const { id } = parseWrapped(wrappedKey);
    const key = keys.find((each) => each.id === id);
    const sealed = `${worded(copied)} is sealed under master key ${id}, which`;
    if (!key || isGone(key, now)) return [`${sealed} is gone: nothing opens it any more. Delete it first.`];
    if (key.deletedAt !== undefined)
      return [
        `${sealed} is to be deleted. Take that back with images keys restore ${id}, or delete it first.`,
      ];
    return key.disabled ? [`${sealed} is disabled. Enable it for the copying: images keys enable ${id}`] : [];
  });
}

function fullAccounts(records: readonly CopiedRecord[], regions: readonly RegionPart[]): string[] {
  const images = records.flatMap(({ kind, record }) => (kind === "image" ? [record] : []));
  return regions.flatMap(({ name, accounts }) =>
    accounts.flatMap(({ name: account, quotas }) => {
      const own = images.filter((image) => image.region === name && image.account === account);
      const used = { privateImages: own.length, snapshots: snapshotCount(own) };
      return (["privateImages", "snapshots"] as const)
        .filter((quota) => used[quota] > quotas[quota])
        .map(
          (quota) =>
            `Account ${account} in region ${name} has ${used[quota]} ${WORDS[quota]}, and a quota of ` +
            `${quotas[quota]} where they are to be copied to: raise ${quota} in that region's file, and apply it.`,
        );
    }),
  );
}

const WORDS = { privateImages: "private images", snapshots: "snapshots" };

/** A snapshot that several images hold counts once. */
function snapshotCount(images: readonly ImageRecord[]): number {
  const held = images.filter((image) => snapshotsOf(image) > 0);
  const ids = held.flatMap(({ deviceMappings }) =>
    deviceMappings.filter(({ kind }) => kind === "snapshot").map(({ id }) => id),
  );
  return new Set(ids).size;
}

function worded({ kind, record }: CopiedRecord): string {
  if (kind === "share") return `The share of image ${record.imageId} with account ${record.memberId}`;
  return kind === "export" ? `Export ${record.id} (${record.name})` : capital(describe(kind, record));
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
