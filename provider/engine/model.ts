/** The world that the engine models: what a region holds, in the field's words. */

/** The type of the system disk that an image serves. Inherited from a source, never chosen, never changed in place. */
export type Architecture = "localDisk" | "cloudDisk";

export type CpuArchitecture = "x86_64" | "arm64";

/** `system`: a system disk; `data`: a data disk; `full`: both together. */
export type ImageType = "system" | "data" | "full";

/** Where an image comes from. A private image that another account sees through a share is `shared` to it. */
export type Visibility = "public" | "marketplace" | "private";

/** `creating` from the moment that the place in the quota is taken until the disk stands. */
export type ImageStatus = "creating" | "active";

/** What runs on a disk. */
export interface OsFacts {
  /** `linux` or `windows`. */
  osType?: string;
  osName?: string;
  osVersion?: string;
  cpuArchitecture?: CpuArchitecture;
}

/**
 * One device of an image. On localDisk `/dev/vda` is an image file and each further device a snapshot; on
 * cloudDisk every device is a snapshot. Snapshots count against the snapshot quota.
 */
export interface DeviceMapping {
  /** `/dev/vda`, `/dev/vdb`, … */
  device: string;
  kind: "imageFile" | "snapshot";
  /** ID of the image file or snapshot; also the key of its content in the disk store. */
  id: string;
  /** Virtual size, GiB. */
  size: number;
  /** Contents beneath this one, nearest first, where it holds only what differs from them. */
  basedOn?: string[];
}

/** One step of where something was made from, nearest first, the root (public image, disk file) last. */
export interface LineageStep {
  type: "image" | "instance" | "volume" | "file";
  id: string;
  name?: string;
}

/** What an image or disk was made from directly. `conversion` says that the image is another one converted. */
export interface Source {
  type: "instance" | "volume" | "image" | "file";
  id: string;
  conversion?: boolean;
  /** Of an instance: the one device that a data image was made of. */
  device?: string;
  /** Of a file: what it was said and verified to be. */
  fileFormat?: DiskFormat;
}

/**
 * Which declaration asked for a thing. A creation that was cut off between the catalogue and the state is
 * found again by it: same `declaredBy`, same source, and a token that no later run has seen.
 */
export interface Origin {
  /** The URN of the declaring resource. */
  declaredBy: string;
  /** Random, given by check to each new resource and kept in its inputs ever after. */
  creationToken: string;
  /** True once a later run has found the token in its state. */
  seen: boolean;
}

/** What every record of the catalogue has. */
export interface CatalogRecord {
  id: string;
  region: string;
  name: string;
  /** RFC 3339, UTC, from the catalogue's clock. */
  createdAt: string;
  /** Order of creation within the catalogue; breaks ties of time. */
  sequence: number;
  origin?: Origin;
}

/** What deleting an image with members does: fail, cancel its shares first, or leave it standing. */
export type OnDelete = "refuse" | "unshare" | "retain";

export interface ImageRecord extends CatalogRecord {
  /** Owner; undefined for public images and the publisher's name never stands here. */
  account?: string;
  visibility: Visibility;
  description: string;
  imageType: ImageType;
  /** Public and marketplace images offer both, a private one exactly one. */
  architectures: Architecture[];
  status: ImageStatus;
  os: OsFacts;
  /** GiB: smallest system disk that an instance of it may have. */
  minDisk: number;
  /** MiB. */
  minRam?: number;
  maxRam?: number;
  tags: Record<string, string>;
  nicMultiqueue: boolean;
  sriovDriver: boolean;
  encrypted: boolean;
  deviceMappings: DeviceMapping[];
  lineage: LineageStep[];
  source?: Source;
  /** Bytes of content held on disk for it (virtual sizes stand in `deviceMappings`). */
  sizeBytes?: number;
  /**
   * `sha256:<hex>` of the first device's whole content, holes read as zeros; of an encrypted one, of its sealed file.
   * None where the content is stored as differences.
   */
  checksum?: string;
  /** Instances of it are made at once, on top of its content. */
  quickProvisioning?: boolean;
  /** The master key that its data key is wrapped by; only where it is encrypted. */
  kmsKeyId?: string;
  /** The data key that its contents are sealed with, wrapped. */
  wrappedKey?: string;
  /** Contents that only the making of it needs: named here so that a creation that was cut off leaves none. */
  scratch?: string[];
  /** True for a public image with no disk file registered: its disk is a blank stand-in. */
  standIn?: boolean;
  /** True for one whose disk can't be read for now: the region's operator has disabled the key that seals it. */
  withheld?: true;
}

export interface Disk {
  /** Key of its content in the disk store. */
  id: string;
  device: string;
  /** GiB. */
  size: number;
  /** Contents beneath this one, nearest first, where it holds only what differs from them. */
  basedOn?: string[];
  /** A data disk that came with the image, where the others were stated. */
  fromImage?: boolean;
}

/** How the contents of an instance or volume are sealed; as for images. */
export interface Sealing {
  kmsKeyId?: string;
  wrappedKey?: string;
}

export interface InstanceRecord extends CatalogRecord, Sealing {
  account: string;
  status: "creating" | "running";
  /** Type of its system disk. */
  architecture: Architecture;
  systemDisk: Disk;
  dataDisks: Disk[];
  os: OsFacts;
  tags: Record<string, string>;
  encrypted: boolean;
  /** The image it was made from or last rebuilt with; undefined where it came from a disk file. */
  imageId?: string;
  source: Source;
  lineage: LineageStep[];
  /** Contents that only the making of it needs. */
  scratch?: string[];
}

export interface VolumeRecord extends CatalogRecord, Sealing {
  account: string;
  status: "creating" | "available";
  disk: Disk;
  tags: Record<string, string>;
  encrypted: boolean;
  source?: Source;
  lineage: LineageStep[];
  /** Contents that only the making of it needs. */
  scratch?: string[];
}

/** One private image shared with one account: seen in the member's list of the same region while it stands. */
export interface ShareRecord {
  id: string;
  region: string;
  imageId: string;
  /** Owner of the image. */
  account: string;
  memberId: string;
  createdAt: string;
  sequence: number;
  origin?: Origin;
}

/** Formats that disks come in from outside and go out in; what a region holds itself is no one's business. */
export type DiskFormat = "raw" | "qcow2" | "vmdk" | "vhd" | "vhdx";
export type ExportFormat = Exclude<DiskFormat, "vhdx">;

/** One disk of an exported image, as it was written. */
export interface ExportedObject {
  device: string;
  /** Key in the bucket, or name in the folder, the prefix included. */
  name: string;
  sizeBytes: number;
  /** `sha256:<hex>` of the object's bytes. */
  checksum: string;
}

/** What a look at an exported object found, where that isn't what was recorded. */
export interface ObjectDrift {
  device: string;
  /** As the record has it. */
  name: string;
  found: "gone" | "changed";
  /** Of what is there now; its checksum only where that didn't take reading the whole of it. */
  sizeBytes?: number;
  checksum?: string;
}

/** An image written to a bucket or folder. */
export interface ExportRecord extends CatalogRecord {
  account: string;
  status: "creating" | "active";
  imageId: string;
  /** `s3://bucket/prefix`, or `file:///folder`. */
  bucketUrl: string;
  fileFormat: ExportFormat;
  /** What was written; of a record that was read, those that are still there unchanged. */
  objects: ExportedObject[];
  /** Found by reading, never recorded: the objects that aren't what was written. */
  drift?: ObjectDrift[];
}

/** The kinds of record that programs declare. */
export interface Kinds {
  image: ImageRecord;
  instance: InstanceRecord;
  volume: VolumeRecord;
  share: ShareRecord;
  export: ExportRecord;
}
export type Kind = keyof Kinds;

/** Places that an account has; the operator sets them per account and region. */
export interface Quotas {
  privateImages: number;
  membersPerImage: number;
  acceptedShares: number;
  snapshots: number;
}

export const DEFAULT_QUOTAS: Quotas = {
  privateImages: 5,
  membersPerImage: 5,
  acceptedShares: 5,
  snapshots: 20,
};
