import type { KeyOwner, MasterKey } from "./keys/key-service";
import type {
  Architecture,
  CpuArchitecture,
  DiskFormat,
  ExportFormat,
  ExportRecord,
  ImageType,
  InstanceRecord,
  ImageRecord,
  LineageStep,
  OnDelete,
  OsFacts,
  ShareRecord,
  VolumeRecord,
} from "./model";
import type { Doctor } from "./doctor/finding";
import type { LineageGraph } from "./lineage/graph";
import type { Violation } from "./violation";

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

/**
 * What check found: every violation at once, and every fact that is knowable before the run, for the resource's
 * inputs, so that later resources of the same preview see them. A fact that must wait is UNKNOWN.
 */
export interface Checked<Facts> {
  violations: Violation[];
  facts: Facts;
  /** The state knows it and the catalogue doesn't: nothing was judged, and no update can succeed. */
  gone?: boolean;
}

export interface ImageFacts {
  region: Maybe<string>;
  account: Maybe<string>;
  name: Maybe<string>;
  architecture: Maybe<Architecture>;
  imageType: Maybe<ImageType>;
  minDisk: Maybe<number>;
  encrypted?: Maybe<boolean>;
  kmsKeyId?: Maybe<string>;
  osType?: Maybe<string>;
  osName?: Maybe<string>;
  osVersion?: Maybe<string>;
  cpuArchitecture?: Maybe<CpuArchitecture>;
}

export interface ReplicaFacts extends ImageFacts {
  encrypted: Maybe<boolean>;
}

export interface ExportFacts {
  region: Maybe<string>;
  account: Maybe<string>;
  name: Maybe<string>;
  fileFormat: Maybe<ExportFormat>;
}

export interface ShareFacts {
  region: Maybe<string>;
  account: Maybe<string>;
}

export interface InstanceFacts {
  region: Maybe<string>;
  account: Maybe<string>;
  name: Maybe<string>;
  architecture: Maybe<Architecture>;
  encrypted?: Maybe<boolean>;
  /** GiB, the default resolved from the image. */
  systemDiskSize: Maybe<number>;
  osType?: Maybe<string>;
  osName?: Maybe<string>;
  osVersion?: Maybe<string>;
  cpuArchitecture?: Maybe<CpuArchitecture>;
}

export interface VolumeFacts {
  region: Maybe<string>;
  account: Maybe<string>;
  name: Maybe<string>;
  size: Maybe<number>;
  encrypted?: Maybe<boolean>;
}

/** Told now and then while a long operation runs: what is being done, and how far it is (0 to 1). */
export type Report = (doing: string, fraction: number) => void;

export interface RemoveOptions {
  onDelete?: OnDelete;
  /** Who deletes: only the owner may. */
  account?: string;
  /** Token of the state that deletes: what another declaration has taken over since stays. */
  creationToken?: string;
  /** Of an export: remove exactly the objects that it recorded. */
  deleteObjects?: boolean;
}

/**
 * The operations of one kind of resource.
 * - check: pure of I/O after the run's first call; fills the plan.
 * - create: checks again in the transaction that takes the places; throws ViolationError or Fault; adopts a creation
 *   that an earlier run was cut off from, never makes a second.
 * - update: only what can change in place.
 * - read: the record, or undefined where it is gone, and for no other reason.
 * - remove: throws ViolationError that lists the blockers; removing what is gone succeeds.
 */
export interface Operations<Request, Facts, Record> {
  check(request: Request): Promise<Checked<Facts>>;
  create(request: Request, report?: Report): Promise<Record>;
  update(id: string, request: Request, report?: Report): Promise<Record>;
  read(id: string, asAccount?: string): Promise<Record | undefined>;
  remove(id: string, options?: RemoveOptions): Promise<void>;
}

/** How a lookup selects; all criteria given must hold. */
export interface ImageFilter {
  region?: string;
  /** The account that looks: it sees public and marketplace images, its own, and those shared with it. */
  account?: string;
  name?: string;
  /** A JavaScript regular expression, unanchored. */
  nameRegex?: string;
  visibility?: "public" | "marketplace" | "private" | "shared";
  architecture?: Architecture;
  tags?: Record<string, string>;
  /** With several matches, take the newest instead of failing; ties are broken by time, then ID. */
  mostRecent?: boolean;
}

/** An image as an account sees it. */
export interface VisibleImage {
  image: ImageRecord;
  visibility: "public" | "marketplace" | "private" | "shared";
}

export interface QuotaUse {
  region: string;
  account: string;
  privateImages: { used: number; limit: number };
  snapshots: { used: number; limit: number };
  acceptedShares: { used: number; limit: number };
  membersPerImage: { limit: number };
}

export interface Lookups {
  /** Exactly one image, else a ViolationError that says what matched. */
  image(filter: ImageFilter & { id?: string }): Promise<VisibleImage>;
  /** Newest first. */
  images(filter: ImageFilter): Promise<VisibleImage[]>;
  quotas(scope: { region?: string; account?: string }): Promise<QuotaUse>;
  /**
   * What the account's things came from and what came of them; with `of`, an ID or a name, only what belongs to that,
   * else a ViolationError that says what there is.
   */
  lineage(scope: { region?: string; account?: string; of?: string }): Promise<LineageGraph>;
}

/** A region and an account, as far as they are stated. */
export interface StatedPlace {
  region?: Maybe<string>;
  account?: Maybe<string>;
}

/** A master key, and the IDs of the images, instances and volumes that are sealed under it. */
export interface KeyUse {
  key: MasterKey;
  sealed: string[];
}

/** The master keys of one account in a region. All but `list` throw ViolationError where that can't be. */
export interface OwnedKeys {
  /** Oldest first. */
  list(): Promise<KeyUse[]>;
  create(name?: string): Promise<MasterKey>;
  rotate(id: string): Promise<MasterKey>;
  disable(id: string): Promise<MasterKey>;
  enable(id: string): Promise<MasterKey>;
  /** 7 to 30 days from now. */
  scheduleDeletion(id: string, days: number): Promise<MasterKey>;
  cancelDeletion(id: string): Promise<MasterKey>;
}

/** The engine of one run: one process, one plan, one snapshot of the catalogue. */
export interface ImageEngine {
  readonly defaults: { region: string; account: string };
  /** Where a resource or lookup is that states this much: an account that isn't stated is its region's default one. */
  place(stated: StatedPlace): { region: Maybe<string>; account: Maybe<string> };
  readonly images: Operations<ImageRequest, ImageFacts, ImageRecord>;
  readonly conversions: Operations<ConversionRequest, ImageFacts, ImageRecord>;
  readonly replicas: Operations<ReplicaRequest, ReplicaFacts, ImageRecord>;
  readonly exports: Operations<ExportRequest, ExportFacts, ExportRecord>;
  readonly shares: Operations<ShareRequest, ShareFacts, ShareRecord>;
  readonly instances: Operations<InstanceRequest, InstanceFacts, InstanceRecord>;
  readonly volumes: Operations<VolumeRequest, VolumeFacts, VolumeRecord>;
  readonly lookups: Lookups;
  keys(owner: KeyOwner): OwnedKeys;
  readonly doctor: Doctor;
  close(): Promise<void>;
}

export type { LineageStep, OnDelete };
