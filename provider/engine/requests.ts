import type { Architecture, DiskFormat, ExportFormat, ImageType, OnDelete, OsFacts } from "./model";

/** Stands for a value that isn't known before the run makes it. The lifecycles turn Pulumi's sentinel into it and back. */
export const UNKNOWN: unique symbol = Symbol.for("pulumi-private-images.unknown");
export type Unknown = typeof UNKNOWN;
export type Maybe<T> = T | Unknown;

export function isKnown<T>(value: Maybe<T>): value is T {
  return value !== UNKNOWN;
}

/** Who declares a thing, and in what manner. */
export interface Declaration {
  /** URN of the declaring resource; the key of what it plans. */
  declaredBy: string;
  creationToken: string;
  /** Token of the resource's old inputs; absent where check has none (a creation, or the second check of a replacement). */
  oldToken?: string;
  /** With `oldToken`: how the state settles the deletion of what it holds, which a replacement brings about. */
  oldOnDelete?: OnDelete;
  /** The program said `deleteBeforeReplace`: a replacement gives its places back before it takes new ones. */
  deleteBeforeReplace?: boolean;
  region: Maybe<string>;
  account: Maybe<string>;
  /** How long the disk work of the operation may take. */
  timeouts?: Maybe<Timeouts>;
}

/** How URNs of a stack's resources begin: `urn:pulumi:STACK::PROJECT`. */
export function stackOf(urn: string): string {
  return urn.split("::", 2).join("::");
}

/** Durations such as `90s` or `1h30m`; without one there is no limit. */
export interface Timeouts {
  create?: Maybe<string>;
  update?: Maybe<string>;
}

/** Another resource: by ID, by the declaration that makes it in this run, or both. */
export interface Reference {
  id: Maybe<string>;
  /** URN of the resource that the ID comes from, where the program shows it. */
  declaredBy?: string;
}

/** Fields that an image's owner may change in place. */
export interface ImageSettings {
  name?: Maybe<string>;
  description?: Maybe<string>;
  minDisk?: Maybe<number>;
  minRam?: Maybe<number>;
  maxRam?: Maybe<number>;
  tags?: Maybe<Record<string, Maybe<string>>>;
  nicMultiqueue?: Maybe<boolean>;
  sriovDriver?: Maybe<boolean>;
}

export interface ImageRequest extends ImageSettings {
  declaration: Declaration;
  /** Exactly one source: an instance, a volume or a file. */
  instance?: Reference;
  volume?: Reference;
  /** Path of a disk file from outside, resolved against the project's folder. */
  imageFile?: Maybe<string>;
  /** What the file is said to be, and is verified to be; default raw. */
  fileFormat?: Maybe<DiskFormat>;
  /** Default: `system` of an instance or file, `data` of a volume. */
  imageType?: Maybe<ImageType>;
  /** The instance's device that a data image is made of: `/dev/vdb`. */
  device?: Maybe<string>;
  /** Facts of a file, or of a volume that holds a system: they tell none themselves. */
  os?: Maybe<OsFacts>;
  /** Only of a file: seal its content. What is made of something encrypted is encrypted. */
  encrypted?: Maybe<boolean>;
  /** Master key; default: the source's, else the account's default key. */
  kmsKeyId?: Maybe<string>;
  /** What the program expects to inherit; a contradiction is a violation. */
  architecture?: Maybe<Architecture>;
  /** An image that stands already, to be taken over instead of made. */
  adoptId?: Maybe<string>;
}

export interface ConversionRequest extends ImageSettings {
  declaration: Declaration;
  image?: Reference;
  architecture?: Maybe<Architecture>;
  adoptId?: Maybe<string>;
}

export interface ReplicaRequest extends ImageSettings {
  declaration: Declaration;
  image?: Reference;
  /** Default: as its source is. */
  encrypted?: Maybe<boolean>;
  /** Master key of an encrypted replica; default: the source's, else the account's default key. */
  kmsKeyId?: Maybe<string>;
  /** Instances of the replica are made at once, whatever its size. Not of an encrypted one. */
  quickProvisioning?: Maybe<boolean>;
  architecture?: Maybe<Architecture>;
  adoptId?: Maybe<string>;
}

export interface ExportRequest {
  declaration: Declaration;
  image?: Reference;
  /** `s3://bucket/prefix`, `file:///folder`, or a folder's path, resolved against the project's folder. */
  bucketUrl: Maybe<string>;
  /** Default qcow2. */
  fileFormat?: Maybe<ExportFormat>;
  /** Start of the objects' names; default the image's name and ID. */
  name?: Maybe<string>;
  /** What it replaces takes its objects with it, where it is deleted first; default false. */
  deleteObjects?: Maybe<boolean>;
  /** Whether an update looks for objects that are gone and writes them again; default true. */
  restore?: boolean;
  adoptId?: Maybe<string>;
}

export interface ShareRequest {
  declaration: Declaration;
  image?: Reference;
  memberId: Maybe<string>;
  adoptId?: Maybe<string>;
}

export interface InstanceRequest {
  declaration: Declaration;
  name?: Maybe<string>;
  image?: Reference;
  /** Path of a raw disk file, resolved against the project's folder. */
  diskFile?: Maybe<string>;
  /** Facts of a disk file, which tells none itself. */
  os?: Maybe<OsFacts>;
  systemDisk: { type: Maybe<Architecture>; /** GiB */ size?: Maybe<number> };
  dataDisks?: Maybe<Maybe<{ size: Maybe<number> }>[]>;
  architecture?: Maybe<Architecture>;
  tags?: Maybe<Record<string, Maybe<string>>>;
  adoptId?: Maybe<string>;
}

export interface VolumeRequest {
  declaration: Declaration;
  name?: Maybe<string>;
  /** GiB. */
  size?: Maybe<number>;
  image?: Reference;
  tags?: Maybe<Record<string, Maybe<string>>>;
  adoptId?: Maybe<string>;
}
