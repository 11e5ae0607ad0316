import * as pulumi from "@pulumi/pulumi";
import type * as Lookups from "../provider/lifecycle/lookups";
import type {
  Architecture,
  CpuArchitecture,
  DeviceMapping,
  ImageStatus,
  ImageType,
  LineageStep,
} from "./model";

/** Where a lookup looks, and for whom. */
export interface LookupScope {
  /** Default: the configuration's `images:region`, else the endpoint's first. */
  region?: string;
  /** The account that looks; default: `images:account` in the configured region, else the first of the region. */
  account?: string;
}

/** What an image must be; all that is given must hold. */
export interface GetImagesArgs extends LookupScope {
  id?: string;
  /** The whole name. */
  name?: string;
  /** A JavaScript regular expression, unanchored. */
  nameRegex?: string;
  /** `private` are the account's own, `shared` those that other accounts share with it. */
  visibility?: "public" | "marketplace" | "private" | "shared";
  /** Images that serve this type of system disk; public and marketplace images serve both. */
  architecture?: Architecture;
  /** Tags that it must have; it may have others. */
  tags?: Record<string, string>;
}

export interface GetImageArgs extends GetImagesArgs {
  /** Where several match, take the newest (by time, then ID) instead of failing. */
  mostRecent?: boolean;
}

/** An image as an account sees it. */
export interface FoundImage {
  id: string;
  name: string;
  description: string;
  region: string;
  /** The owner; undefined for public and marketplace images. */
  account?: string;
  visibility: "public" | "marketplace" | "private" | "shared";
  /** Both for public and marketplace images, one for others. */
  architectures: Architecture[];
  /** The one of a private or shared image. */
  architecture?: Architecture;
  imageType: ImageType;
  status: ImageStatus;
  /** `linux` or `windows`. */
  osType?: string;
  osName?: string;
  osVersion?: string;
  cpuArchitecture?: CpuArchitecture;
  /** GiB. */
  minDisk: number;
  /** MiB. */
  minRam?: number;
  /** MiB. */
  maxRam?: number;
  tags: Record<string, string>;
  nicMultiqueue: boolean;
  sriovDriver: boolean;
  encrypted: boolean;
  /** The master key that its data key is wrapped by, where it is encrypted. */
  kmsKeyId?: string;
  /** Instances of it are made at once, whatever its size. */
  quickProvisioning: boolean;
  deviceMappings: DeviceMapping[];
  lineage: LineageStep[];
  /** Bytes that its content takes on disk. */
  sizeBytes?: number;
  /**
   * `sha256:<hex>` of its first device's whole content, holes read as zeros; of an encrypted one, of its sealed file. None
   * where it is stored as differences.
   */
  checksum?: string;
  /** RFC 3339, UTC. */
  createdAt: string;
  /** True for a public image with no disk file registered: its disk is a blank stand-in. */
  standIn?: boolean;
}

/** How much of its quotas an account uses in a region. */
export interface Quotas {
  region: string;
  account: string;
  privateImages: { used: number; limit: number };
  snapshots: { used: number; limit: number };
  acceptedShares: { used: number; limit: number };
  membersPerImage: { limit: number };
}

type Wrapped<T> = { [Key in keyof T]: pulumi.Input<T[Key]> };

/** Exactly one image that the account sees: fails where none matches, or several without `mostRecent`. */
export function getImage(args: GetImageArgs): Promise<FoundImage> {
  return plainly((lookups, config) => lookups.lookUpImage(config, { ...args }));
}

/** The same for arguments that become known later. */
export function getImageOutput(args: Wrapped<GetImageArgs>): pulumi.Output<FoundImage> {
  return pulumi.output(args).apply((known) => getImage(known as GetImageArgs)) as pulumi.Output<FoundImage>;
}

/** All images that the account sees and that match, newest first. */
export function getImages(args: GetImagesArgs = {}): Promise<FoundImage[]> {
  return plainly((lookups, config) => lookups.lookUpImages(config, { ...args }));
}

/** The same for arguments that become known later. */
export function getImagesOutput(args: Wrapped<GetImagesArgs> = {}): pulumi.Output<FoundImage[]> {
  return pulumi.output(args).apply((known) => getImages(known as GetImagesArgs)) as pulumi.Output<
    FoundImage[]
  >;
}

/**
 * The same as CSV (RFC 4180), oldest first, with a line of column names. A `'` stands before what a spreadsheet could
 * take for a formula.
 */
export function getImagesCsv(args: GetImagesArgs = {}): Promise<string> {
  return plainly((lookups, config) => lookups.lookUpImagesCsv(config, { ...args }));
}

/** The same for arguments that become known later. */
export function getImagesCsvOutput(args: Wrapped<GetImagesArgs> = {}): pulumi.Output<string> {
  return pulumi.output(args).apply((known) => getImagesCsv(known as GetImagesArgs));
}

/** What an account may have in a region, and what it has. Fails for an account that the region doesn't have. */
export function getQuotas(args: LookupScope = {}): Promise<Quotas> {
  return plainly((lookups, config) => lookups.lookUpQuotas(config, { ...args }));
}

/** The same for arguments that become known later. */
export function getQuotasOutput(args: Wrapped<LookupScope> = {}): pulumi.Output<Quotas> {
  return pulumi.output(args).apply((known) => getQuotas(known as LookupScope));
}

/** Loads what lookups need at the first of them; what goes wrong ends the program with its message and no stack trace. */
async function plainly<T>(
  look: (lookups: typeof Lookups, config: Record<string, string>) => Promise<unknown>,
): Promise<T> {
  try {
    const lookups: typeof Lookups = require("../provider/lifecycle/lookups");
    return (await look(lookups, pulumi.runtime.allConfig())) as T;
  } catch (error) {
    throw failureOf(error);
  }
}

const failures = new WeakMap<object, pulumi.RunError>();

/** Lookups that fail for one error, such as a region that can't be opened, have one failure, which Pulumi tells once. */
function failureOf(error: unknown): pulumi.RunError {
  const cause = error as Error;
  const failure = failures.get(cause) ?? new pulumi.RunError(cause.message);
  failure.stack = failure.message;
  failures.set(cause, failure);
  return failure;
}
