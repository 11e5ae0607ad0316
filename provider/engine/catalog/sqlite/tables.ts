import type { NamedDisk, RecordRow } from "../sql/rows";

export interface ImageRow extends RecordRow {
  visibility: string;
  /** ID of the image that it is a conversion of. */
  converts: string | null;
}

export interface ShareRow extends RecordRow {
  image_id: string;
  member_id: string;
}

export interface ExportRow extends RecordRow {
  image_id: string;
  bucket_url: string;
}

export interface CreatorRow {
  id: number;
  pid: number;
  host: string;
  started_at: string | null;
  /** Milliseconds since the epoch. */
  heartbeat_at: number;
}

/** Which record names which content of the disk store; exactly one of the three owners stands. */
export interface DiskReferenceRow extends NamedDisk {
  image_id: string | null;
  instance_id: string | null;
  volume_id: string | null;
  /** The owner's region and account, so that counting an account's snapshots is one walk of an index. */
  region: string;
  account: string | null;
}

export interface ImageTagRow {
  key: string;
  value: string;
  image_id: string;
}

/** What is taken of an account's places, counted by triggers. */
export interface PlacesRow {
  region: string;
  account: string;
  private_images: number;
  snapshots: number;
}

export interface Tables {
  images: ImageRow;
  instances: RecordRow;
  volumes: RecordRow;
  shares: ShareRow;
  exports: ExportRow;
  creators: CreatorRow;
  disk_references: DiskReferenceRow;
  image_tags: ImageTagRow;
  places: PlacesRow;
  /** Contents that no record names and that may not be removed yet. */
  discarded_disks: { disk_id: string };
  counters: { name: string; value: number };
}
