import type {
  CatalogRecord,
  ExportRecord,
  ImageRecord,
  InstanceRecord,
  Kinds,
  ShareRecord,
  VolumeRecord,
} from "../../model";
import { disksOf } from "../disk-references";

/** What every table of records has. */
export interface RecordRow {
  id: string;
  /** Order of creation over all tables. */
  sequence: number;
  region: string;
  account: string | null;
  created_at: string;
  declared_by: string | null;
  creation_token: string | null;
  seen: number | boolean;
  /** The process that makes it, only while it is `creating`. */
  creator: number | null;
  /** Every field that has no column; as JSON where the database has no type for it. */
  attributes: string | object;
  /** Where the database keeps it apart. */
  wrapped_key?: string | null;
}

/** A content of the disk store that a record names. */
export interface NamedDisk {
  disk_id: string;
  snapshot: number;
}

/** What the tables ask of every record. */
export type Stored = Omit<CatalogRecord, "name"> & { account?: string; status?: string };

/** How one kind of record lies in its table. */
export interface Kind<T extends Stored> {
  noun: keyof Kinds;
  table: "images" | "instances" | "volumes" | "shares" | "exports";
  /** Columns that the table has beyond those of every record. */
  columns(record: T): Record<string, string | null>;
  disks(record: T): NamedDisk[];
  /** Tags to find it by; only images are. */
  tags?(record: T): Record<string, string>;
}

export const IMAGE: Kind<ImageRecord> = {
  noun: "image",
  table: "images",
  columns: ({ visibility, source }) => ({
    visibility,
    converts: source?.conversion ? source.id : null,
  }),
  disks: (image) => {
    const snapshots = new Set(
      image.deviceMappings.flatMap(({ id, kind }) => (kind === "snapshot" ? [id] : [])),
    );
    return disksOf.image(image).map((disk_id) => ({ disk_id, snapshot: Number(snapshots.has(disk_id)) }));
  },
  tags: ({ tags }) => tags,
};

export const INSTANCE: Kind<InstanceRecord> = {
  noun: "instance",
  table: "instances",
  columns: () => ({}),
  disks: (instance) => disksOf.instance(instance).map((disk_id) => ({ disk_id, snapshot: 0 })),
};

export const VOLUME: Kind<VolumeRecord> = {
  noun: "volume",
  table: "volumes",
  columns: () => ({}),
  disks: (volume) => disksOf.volume(volume).map((disk_id) => ({ disk_id, snapshot: 0 })),
};

export const SHARE: Kind<ShareRecord> = {
  noun: "share",
  table: "shares",
  columns: ({ imageId, memberId }) => ({ image_id: imageId, member_id: memberId }),
  disks: () => [],
};

export const EXPORT: Kind<ExportRecord> = {
  noun: "export",
  table: "exports",
  columns: ({ imageId, bucketUrl }) => ({ image_id: imageId, bucket_url: bucketUrl }),
  disks: () => [],
};

export const KIND: { [K in keyof Kinds]: Kind<Kinds[K]> } = {
  image: IMAGE,
  instance: INSTANCE,
  volume: VOLUME,
  share: SHARE,
  export: EXPORT,
};

/** Every kind, of whatever records. */
export const KINDS = Object.values(KIND) as readonly Kind<never>[];

export function toRow<T extends Stored>(kind: Kind<T>, record: T, creator: number | null): RecordRow {
  const { id, sequence, region, account, createdAt, origin, ...attributes } = record;
  return {
    id,
    sequence,
    region,
    account: account ?? null,
    created_at: createdAt,
    declared_by: origin?.declaredBy ?? null,
    creation_token: origin?.creationToken ?? null,
    seen: Number(origin?.seen ?? false),
    creator: record.status === "creating" ? creator : null,
    attributes: JSON.stringify(attributes),
    ...kind.columns(record),
  };
}

export function fromRow<T extends Stored>(row: RecordRow): T {
  const { attributes, wrapped_key: wrappedKey } = row;
  const record = (typeof attributes === "string" ? JSON.parse(attributes) : attributes) as Stored;
  record.id = row.id;
  record.sequence = row.sequence;
  record.region = row.region;
  record.createdAt = row.created_at;
  if (row.account !== null) record.account = row.account;
  if (row.declared_by !== null && row.creation_token !== null) {
    record.origin = {
      declaredBy: row.declared_by,
      creationToken: row.creation_token,
      seen: Boolean(row.seen),
    };
  }
  if (typeof wrappedKey === "string") (record as { wrappedKey?: string }).wrappedKey = wrappedKey;
  return record as T;
}
