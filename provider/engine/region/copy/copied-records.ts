import type { CatalogSnapshot } from "../../catalog/catalog";
import type { ImageRecord, InstanceRecord, Kind, Kinds, VolumeRecord } from "../../model";

/** A record as it goes from one region to another: with its ID, its time and its creation token. */
export type CopiedRecord = { [K in Kind]: { kind: K; record: Kinds[K] } }[Kind];

/** One disk content of a region, and what it is sealed by there. */
export interface CopiedContent {
  id: string;
  region: string;
  account: string;
  /** GiB. */
  size: number;
  /** Only where it is encrypted: the data key of its record. */
  wrappedKey?: string;
}

/** All that accounts hold, in the order of its creation: what something is made of comes first. */
export function recordsOf(snapshot: CatalogSnapshot): CopiedRecord[] {
  const images = snapshot.images.filter(({ visibility }) => visibility === "private");
  const records: CopiedRecord[] = [
    ...images.map((record) => ({ kind: "image" as const, record })),
    ...snapshot.instances.map((record) => ({ kind: "instance" as const, record })),
    ...snapshot.volumes.map((record) => ({ kind: "volume" as const, record })),
    ...snapshot.shares.map((record) => ({ kind: "share" as const, record })),
    ...snapshot.exports.map((record) => ({ kind: "export" as const, record })),
  ];
  return records.sort((a, b) => a.record.sequence - b.record.sequence);
}

/** The contents that are a record's own: in another region each stands by itself, whatever it was based on. */
export function ownContents({ kind, record }: CopiedRecord): CopiedContent[] {
  if (kind === "share" || kind === "export") return [];
  const { region, account = "", wrappedKey } = record;
  return disksOf(kind, record).map(({ id, size }) => ({ id, region, account, size, wrappedKey }));
}

function disksOf(kind: "image" | "instance" | "volume", record: ImageRecord | InstanceRecord | VolumeRecord) {
  if (kind === "image") return (record as ImageRecord).deviceMappings;
  if (kind === "volume") return [(record as VolumeRecord).disk];
  const { systemDisk, dataDisks } = record as InstanceRecord;
  return [systemDisk, ...dataDisks];
}

/** Without what says how the contents are laid out in the region that it comes from. */
export function standingAlone(copied: CopiedRecord): CopiedRecord {
  const plain = <T extends { basedOn?: string[] }>({ basedOn: _basedOn, ...disk }: T) => disk as T;
  switch (copied.kind) {
    case "image": {
      const { scratch: _scratch, ...record } = copied.record;
      return { kind: "image", record: { ...record, deviceMappings: record.deviceMappings.map(plain) } };
    }
    case "instance": {
      const { scratch: _scratch, ...record } = copied.record;
      const { systemDisk, dataDisks } = record;
      return {
        kind: "instance",
        record: { ...record, systemDisk: plain(systemDisk), dataDisks: dataDisks.map(plain) },
      };
    }
    case "volume": {
      const { scratch: _scratch, ...record } = copied.record;
      return { kind: "volume", record: { ...record, disk: plain(record.disk) } };
    }
    default:
      return copied;
  }
}
