import type { CatalogRecord, Kind, Kinds } from "../../model";
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
type Stored = Omit<CatalogRecord, "name"> & { account?: string; status?: string };

/** How records of a kind lie in their table. */
export interface Layout<K extends Kind> {
  table: `${K}s`;
  /** Columns that the table has beyond those of every record. */
  columns?(record: Kinds[K]): Record<string, string | null>;
  /** The contents of the disk store that a record names. */
  disks?(record: Kinds[K]): NamedDisk[];
  /** Tags to find it by; only images are. */
  tags?(record: Kinds[K]): Record<string, string>;
}

export const LAYOUT: { [K in Kind]: Layout<K> } = {
  image: {
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
  },
  instance: {
    table: "instances",
    disks: (instance) => disksOf.instance(instance).map((disk_id) => ({ disk_id, snapshot: 0 })),
  },
  volume: {
    table: "volumes",
    disks: (volume) => disksOf.volume(volume).map((disk_id) => ({ disk_id, snapshot: 0 })),
  },
  share: {
    table: "shares",
    columns: ({ imageId, memberId }) => ({ image_id: imageId, member_id: memberId }),
  },
  export: {
    table: "exports",
    columns: ({ imageId, bucketUrl }) => ({ image_id: imageId, bucket_url: bucketUrl }),
  },
};

export const KINDS = Object.keys(LAYOUT) as Kind[];

export function disksIn<K extends Kind>(kind: K, record: Kinds[K]): NamedDisk[] {
  return LAYOUT[kind].disks?.(record) ?? [];
}

/** Whether the process that makes it is noted with it. */
export function isCreating(record: object): boolean {
  return "status" in record && record.status === "creating";
}

export function toRow<K extends Kind>(kind: K, record: Kinds[K], creator: number | null): RecordRow {
  const { id, sequence, region, account, createdAt, origin, ...attributes }: Stored = record;
  return {
    id,
    sequence,
    region,
    account: account ?? null,
    created_at: createdAt,
    declared_by: origin?.declaredBy ?? null,
    creation_token: origin?.creationToken ?? null,
    seen: Number(origin?.seen ?? false),
    creator: isCreating(record) ? creator : null,
    attributes: JSON.stringify(attributes),
    ...LAYOUT[kind].columns?.(record),
  };
}

export function fromRow<K extends Kind>(row: RecordRow): Kinds[K] {
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
  return record as Kinds[K];
}
