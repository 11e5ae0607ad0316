import type { CatalogSnapshot, Leftovers } from "../catalog/catalog";
import { disksOf } from "../catalog/disk-references";
import type { MasterKey } from "../keys/key-service";
import * as say from "../messages";
import type { ImageRecord, InstanceRecord, Kind, Kinds, VolumeRecord } from "../model";
import { finding } from "./finding";
import type { Finding } from "./finding";

/** What a region was found to hold. */
export interface Examined {
  /** Read after `contents` was listed: what is listed and has no record had none then. */
  snapshot: CatalogSnapshot;
  leftovers: Leftovers;
  /** IDs that the disk store lists. */
  contents: readonly string[];
  /** Of the contents that records name, those that the disk store doesn't know. */
  missing: ReadonlySet<string>;
  keys: readonly MasterKey[];
  /** Paths of temporary files whose writer has died. */
  temporaryFiles: readonly string[];
  /** Names of what the disk store holds for no content. */
  strays: readonly string[];
}

type Holder = { kind: Kind; record: ImageRecord | InstanceRecord | VolumeRecord; disks: string[] };

/** Everything wrong, what is safe to remove first. */
export function judge(examined: Examined): Finding[] {
  const holders = holdersOf(examined.snapshot);
  return [
    ...deadCreations(examined),
    ...discardedContents(examined),
    ...orphanContents(examined, holders),
    ...examined.temporaryFiles.map((path) =>
      finding("temporaryFile", path, "safe", say.temporaryFileLeft(path)),
    ),
    ...examined.strays.map((name) => finding("stray", name, "safe", say.strayStands(name))),
    ...missingContents(examined, holders),
    ...lostKeys(examined, holders),
    ...cutOffCreations(examined.snapshot),
  ];
}

/** The contents that finished records of accounts name. */
export function namedContents(snapshot: CatalogSnapshot): string[] {
  return holdersOf(snapshot)
    .filter(({ record }) => record.status !== "creating")
    .flatMap(({ disks }) => disks);
}

function holdersOf({ images, instances, volumes }: CatalogSnapshot): Holder[] {
  // The operator's files stand behind offered images.
  const own = images.filter(({ visibility }) => visibility === "private");
  return [
    ...own.map((record) => ({ kind: "image" as const, record, disks: disksOf.image(record) })),
    ...instances.map((record) => ({ kind: "instance" as const, record, disks: disksOf.instance(record) })),
    ...volumes.map((record) => ({ kind: "volume" as const, record, disks: disksOf.volume(record) })),
  ];
}

function deadCreations({ leftovers }: Examined): Finding[] {
  return leftovers.unfinished.map(({ kind, id, name, region, account, disks }) => ({
    ...finding("deadCreation", id, "safe", say.creationIsDead(kind, id, name), disks),
    record: { kind, name, region, account },
  }));
}

function discardedContents({ leftovers, contents }: Examined): Finding[] {
  const there = new Set(contents);
  return leftovers.discarded
    .filter((id) => there.has(id))
    .map((id) => finding("discardedContent", id, "safe", say.discardedContentStands(id), [id]));
}

function orphanContents({ contents, leftovers }: Examined, holders: readonly Holder[]): Finding[] {
  const owned = new Set([
    ...holders.flatMap(({ disks }) => disks),
    ...leftovers.unfinished.flatMap(({ disks }) => disks),
    ...leftovers.discarded,
  ]);
  return contents
    .filter((id) => !owned.has(id))
    .map((id) => finding("orphanContent", id, "safe", say.contentHasNoRecord(id), [id]));
}

function missingContents({ missing }: Examined, holders: readonly Holder[]): Finding[] {
  return holders.flatMap(({ kind, record, disks }) => {
    const lost = record.status === "creating" ? [] : disks.filter((id) => missing.has(id));
    return lost.length === 0
      ? []
      : [about(kind, record, "missingContent", "none", say.contentIsMissing(kind, record, lost), lost)];
  });
}

function lostKeys({ keys }: Examined, holders: readonly Holder[]): Finding[] {
  const known = new Set(keys.map(({ id }) => id));
  return holders.flatMap(({ kind, record }) => {
    const { kmsKeyId } = record;
    if (kmsKeyId === undefined || known.has(kmsKeyId)) return [];
    return [about(kind, record, "lostKey", "none", say.keyIsLost(kind, record, kmsKeyId))];
  });
}

/**
 * What a run made and died before its state knew, and a later run of the same declaration made anew, of something else:
 * a replacement marks what it replaces as seen.
 */
function cutOffCreations({ images, instances, volumes, shares, exports }: CatalogSnapshot): Finding[] {
  return [
    ...cutOff("image", images),
    ...cutOff("instance", instances),
    ...cutOff("volume", volumes),
    ...cutOff("share", shares),
    ...cutOff("export", exports),
  ];
}

function cutOff<K extends Kind>(kind: K, records: readonly Kinds[K][]): Finding[] {
  const newest = new Map<string, number>();
  for (const { origin, sequence } of records) {
    if (origin) newest.set(origin.declaredBy, Math.max(sequence, newest.get(origin.declaredBy) ?? 0));
  }
  return records.flatMap((record) => {
    const { origin, sequence } = record;
    const isMade = !("status" in record) || record.status !== "creating";
    if (!origin || origin.seen || !isMade || newest.get(origin.declaredBy) === sequence) return [];
    return [
      about(kind, record, "cutOffCreation", "asked", say.creationWasCutOff(kind, record, origin.declaredBy)),
    ];
  });
}

function about(
  kind: Kind,
  record: Kinds[Kind],
  ailment: Finding["ailment"],
  removal: Finding["removal"],
  says: string,
  contents: string[] = [],
): Finding {
  const { id, region, account } = record;
  const name = "name" in record ? record.name : record.id;
  return { ...finding(ailment, id, removal, says, contents), record: { kind, name, region, account } };
}
