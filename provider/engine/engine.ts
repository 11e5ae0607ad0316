import type { Doctor } from "./doctor/finding";
import type {
  Checked,
  ExportFacts,
  ImageFacts,
  InstanceFacts,
  ReplicaFacts,
  ShareFacts,
  VolumeFacts,
} from "./facts";
import type { KeyOwner, MasterKey } from "./keys/key-service";
import type { LineageGraph } from "./lineage/graph";
import type {
  Architecture,
  ExportRecord,
  ImageRecord,
  InstanceRecord,
  OnDelete,
  ShareRecord,
  VolumeRecord,
} from "./model";
import type {
  ConversionRequest,
  ExportRequest,
  ImageRequest,
  InstanceRequest,
  Maybe,
  ReplicaRequest,
  ShareRequest,
  VolumeRequest,
} from "./requests";

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
 * - check: fills the plan; reads each fact of other stacks once a run, and its own stack's all together.
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
  /** How many of these have a data key that an earlier version of the key has wrapped. */
  older: number;
}

/** `count` data keys were wrapped anew by the newest version of the key. */
export interface Rewrapped {
  key: MasterKey;
  count: number;
}

/** The master keys of one account in a region. All but `list` throw ViolationError where that can't be. */
export interface OwnedKeys {
  /** Oldest first; the key that seals disks in a bucket only if asked for, with the objects that it seals. */
  list(options?: { sealing?: boolean }): Promise<KeyUse[]>;
  create(name?: string): Promise<MasterKey>;
  /** Makes a new version, and wraps by it what earlier ones have wrapped. No disk is touched. */
  rotate(id: string): Promise<Rewrapped>;
  /** Carries on a rotation that was cut off. */
  rewrap(id: string): Promise<Rewrapped>;
  disable(id: string): Promise<MasterKey>;
  enable(id: string): Promise<MasterKey>;
  /** 7 to 30 days from now. */
  scheduleDeletion(id: string, days: number): Promise<MasterKey>;
  cancelDeletion(id: string): Promise<MasterKey>;
}

/** The engine of one run: one process, one plan, each fact of the catalogue read once. */
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
