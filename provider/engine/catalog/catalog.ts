import type { ForeseenContent } from "../disks/disk-store";
import type {
  ExportFormat,
  ExportRecord,
  ImageRecord,
  InstanceRecord,
  Kind,
  Kinds,
  Quotas,
  ShareRecord,
  VolumeRecord,
} from "../model";
import type { Place } from "../scope";

/**
 * What rules ask. The plan of a run answers in check, with drafts, a transaction in create: the same questions, so that
 * the same rules run on both. Each is answered by index. Records of creations whose process has died are never returned
 * nor counted. `Records`: what records of each kind are told as.
 */
export interface CatalogReader<Records extends Record<Kind, { id: string }> = Kinds> {
  /** Any region: a rule says whose it is. */
  get<K extends Kind>(kind: K, id: string): Promise<Records[K] | undefined>;
  declaredBy<K extends Kind>(kind: K, urn: string): Promise<readonly Records[K][]>;
  /** The private images of an account, those being created included, oldest first. */
  privateImages(region: string, account: string): Promise<readonly Records["image"][]>;
  privateImageCount(region: string, account: string): Promise<number>;
  /** Snapshots held by the account's images (a snapshot of two images counts once). */
  snapshotCount(region: string, account: string): Promise<number>;
  sharesOfImage(imageId: string): Promise<readonly Records["share"][]>;
  /** Of the shares that the member has taken, those that the catalogue's user may see. */
  sharesWith(region: string, memberId: string): Promise<readonly Records["share"][]>;
  /** How many shares the member has taken, whoever may see them. */
  acceptedShareCount(region: string, memberId: string): Promise<number>;
  /** Images made from this one by a conversion that is still running. */
  runningConversions(imageId: string): Promise<readonly Records["image"][]>;
  /** Full images of an instance whose disks are being frozen for them. */
  runningFullImages(instanceId: string): Promise<readonly Records["image"][]>;
  /** Exports of the image that are still being written. */
  runningExports(imageId: string): Promise<readonly Records["export"][]>;
  /** Exports to a bucket or folder, by its URL as the records have it, of all accounts that the user may see. */
  exportsTo(bucketUrl: string): Promise<readonly Records["export"][]>;
  /** The account, of those that the catalogue's user may not see, whose export has this name in a bucket. */
  otherExporter(bucketUrl: string, name: string, fileFormat: ExportFormat): Promise<Place | undefined>;
}

/** What a run asks at one moment: for its rules, and to know what it has made before and what is taken already. */
export interface CatalogView extends CatalogReader {
  withToken<K extends Kind>(kind: K, creationToken: string): Promise<Kinds[K] | undefined>;
  /** All that the resources of a stack have declared. `stack`: how their URNs begin, `urn:pulumi:STACK::PROJECT`. */
  declaredIn(stack: string): Promise<CatalogSnapshot>;
  imagesHolding(snapshotId: string): Promise<readonly ImageRecord[]>;
  /** Of every account of the asker's that has taken any. */
  placesTaken(): Promise<readonly PlacesTaken[]>;
}

/** What an account's own records take of its places in a region. */
export interface PlacesTaken {
  region: string;
  account: string;
  privateImages: number;
  snapshots: number;
}

/** A record as it is given to a catalogue, which dates and numbers it. */
export type New<R> = Omit<R, "createdAt" | "sequence">;

/** How a record is inserted. */
export interface Insertion {
  /** Contents that the record is the first to name, and that stand with it. Only where the disk store has foreseen them. */
  contents?: readonly ForeseenContent[];
  /** Nothing is asked or written after it: a catalogue may commit with it. */
  isLast?: boolean;
}

/** Reads and writes that hold together: all of them happen, or none. No other writer comes between. */
export interface CatalogTransaction extends CatalogReader {
  /**
   * What was asked once is told again without asking, until something is written: so that what is sure to be asked may be
   * asked ahead, all at once.
   */
  readonly remembers?: boolean;
  /** Fills in `createdAt` and `sequence`; a record `creating` is also marked with this process. */
  insert<K extends Kind>(kind: K, record: New<Kinds[K]>, insertion?: Insertion): Promise<Kinds[K]>;
  /** Replaces the fields given; a record that isn't there is a fault. */
  update<K extends Kind>(kind: K, id: string, changes: Partial<Kinds[K]>): Promise<Kinds[K]>;
  /** Deleting what isn't there does nothing. */
  delete(kind: Kind, id: string): Promise<void>;
  /**
   * Notes those of the disk contents given that no record names any more, and returns them: the caller removes them
   * from the disk store once the transaction has committed. Should it die before that, a later `sweep` tells of them.
   */
  discardDisks(ids: readonly string[]): Promise<string[]>;
}

/** Records of each kind as they were at one moment, oldest first. */
export interface CatalogSnapshot {
  images: readonly ImageRecord[];
  instances: readonly InstanceRecord[];
  volumes: readonly VolumeRecord[];
  shares: readonly ShareRecord[];
  exports: readonly ExportRecord[];
}

/** What runs that were cut off have left. */
export interface Leftovers {
  /** Creations whose process has died, with the disk contents that they name. */
  unfinished: readonly {
    kind: "image" | "instance" | "volume" | "export";
    id: string;
    name: string;
    region: string;
    account?: string;
    disks: string[];
  }[];
  /** Contents that no record names and that may not be removed yet. */
  discarded: readonly string[];
}

export interface AccountSettings {
  name: string;
  quotas: Quotas;
  /** Others': it may be shared with, and nothing is declared in it here. Only what sharing asks of its quotas is known. */
  foreign?: boolean;
}

/** Who looks for images, and where. */
export interface Viewer {
  region: string;
  account: string;
}

/** What images are found by, one of both at least: their whole name, and tags of which they bear all. */
export interface ImageCriteria {
  name?: string;
  tags?: Readonly<Record<string, string>>;
}

/** A region as its operator set it up. */
export interface RegionSettings {
  name: string;
  accounts: readonly AccountSettings[];
}

/**
 * Port: the durable record of what regions hold. A committed transaction survives a crash; transactions of all
 * processes that share the catalogue are in one order.
 */
export interface Catalog {
  /** The regions that the endpoint serves; the first is the default one. */
  readonly regions: readonly RegionSettings[];
  /** Public and marketplace images of all regions. */
  readonly offeredImages: readonly ImageRecord[];
  /**
   * Asks for what `work` needs, all as it is at one moment, and writes nothing. `work` may be run again. It is never
   * to wait for a transaction, nor to be waited for in one.
   */
  read<T>(work: (view: CatalogView) => Promise<T>): Promise<T>;
  /** All live records of all regions, offered images included: what takes the longer the more there are. */
  snapshot(): Promise<CatalogSnapshot>;
  /**
   * The account's images and those shared with it in the region that are as `wanted`, oldest first, found by index: for
   * lookups. Offered images aren't among them.
   */
  findImages(viewer: Viewer, wanted: ImageCriteria): Promise<readonly ImageRecord[]>;
  /** Runs `work` in one transaction: committed if it returns, rolled back if it throws. */
  transaction<T>(work: (tx: CatalogTransaction) => Promise<T>): Promise<T>;
  /**
   * Removes the records `creating` whose process has died and discards their disk contents. Returns all contents
   * discarded so far, for the caller to remove from the disk store and then to forget.
   */
  sweep(): Promise<string[]>;
  /** What `sweep` would see to; changes nothing. */
  leftovers(): Promise<Leftovers>;
  /** These discarded contents are gone. */
  forgetDiscarded(ids: readonly string[]): Promise<void>;
  /** Marks the records with these creation tokens as seen by a later run; one write for all of them. */
  markSeen(creationTokens: readonly string[]): Promise<void>;
  close(): Promise<void>;
}
