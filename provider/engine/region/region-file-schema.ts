import type { JSONSchemaType } from "ajv";
import type { CpuArchitecture, Quotas } from "../model";

/** One document of `region.yaml`: a region as its operator writes it. A key with no value counts as absent. */
export interface RegionDocument {
  /** Of a team's region, in its first document: the database, `postgres://login@host/database`. */
  catalog?: string | null;
  /** Of a team's region: the bucket of its disks, `s3://bucket/prefix`. */
  disks?: string | null;
  /** Of a team's region: where its master keys are, `folder:///path`, `pkcs11:…` or `awskms:…`. */
  keys?: string | null;
  /** Default `local`. */
  region?: string | null;
  /** Default one account, `default`. */
  accounts?: AccountEntry[] | null;
  /** What every account of the region has where it says nothing itself. */
  quotas?: Partial<Quotas> | null;
  /** Of a team's region: accounts get the default key of what they encrypt when this is applied, not at their first need. */
  defaultKey?: boolean | null;
  /** Entries added to the public catalogue, or disk files registered for entries of it, by `id` or `name`. */
  publicImages?: ImageEntry[] | null;
  marketplaceImages?: MarketplaceEntry[] | null;
}

export interface AccountEntry {
  name: string;
  quotas?: Partial<Quotas> | null;
  /** Of a team's region: the database role whose members the account is; default its name. */
  role?: string | null;
  /** Default: the region's. */
  defaultKey?: boolean | null;
}

export interface ImageEntry {
  id?: string | null;
  name?: string | null;
  description?: string | null;
  osType?: "linux" | "windows" | null;
  osName?: string | null;
  osVersion?: string | null;
  cpuArchitecture?: CpuArchitecture | null;
  /** GiB. */
  minDisk?: number | null;
  /** A raw disk file; relative to the folder of `region.yaml`. */
  diskFile?: string | null;
}

export interface MarketplaceEntry extends ImageEntry {
  name: string;
  publisher: string;
}

/** Names that stand in programs, messages and URNs. */
const NAME = "^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$";
const IMAGE_ID = "^img-[A-Za-z0-9][A-Za-z0-9._-]{0,119}$";

/** Names of database roles; those of the server itself are kept out. */
const ROLE = "^(?!pg_|public$|none$)[A-Za-z_][A-Za-z0-9_.-]{0,62}$";

const url = { type: "string", minLength: 1, maxLength: 2048, nullable: true } as const;

const limit = { type: "integer", minimum: 0, maximum: 1_000_000, nullable: true } as const;

const quotas: JSONSchemaType<Partial<Quotas>> = {
  type: "object",
  properties: { privateImages: limit, membersPerImage: limit, acceptedShares: limit, snapshots: limit },
  additionalProperties: false,
};

const text = { type: "string", minLength: 1, maxLength: 255, nullable: true } as const;

const image = {
  id: { type: "string", pattern: IMAGE_ID, nullable: true },
  name: text,
  description: { type: "string", nullable: true },
  osType: { type: "string", enum: ["linux", "windows", null], nullable: true },
  osName: text,
  osVersion: text,
  cpuArchitecture: { type: "string", enum: ["x86_64", "arm64", null], nullable: true },
  minDisk: { type: "integer", minimum: 1, maximum: 65_536, nullable: true },
  diskFile: { type: "string", minLength: 1, nullable: true },
} as const;

export const REGION_DOCUMENT: JSONSchemaType<RegionDocument> = {
  type: "object",
  properties: {
    region: { type: "string", pattern: NAME, nullable: true },
    accounts: {
      type: "array",
      nullable: true,
      minItems: 1,
      items: {
        type: "object",
        properties: {
          name: { type: "string", pattern: NAME },
          quotas: { ...quotas, nullable: true },
          role: { type: "string", pattern: ROLE, nullable: true },
          defaultKey: { type: "boolean", nullable: true },
        },
        required: ["name"],
        additionalProperties: false,
      },
    },
    quotas: { ...quotas, nullable: true },
    defaultKey: { type: "boolean", nullable: true },
    publicImages: {
      type: "array",
      nullable: true,
      items: { type: "object", properties: image, additionalProperties: false },
    },
    marketplaceImages: {
      type: "array",
      nullable: true,
      items: {
        type: "object",
        properties: {
          ...image,
          name: { type: "string", minLength: 1, maxLength: 255 },
          publisher: { type: "string", minLength: 1, maxLength: 255 },
        },
        required: ["name", "publisher"],
        additionalProperties: false,
      },
    },
    ...{ catalog: url, disks: url, keys: url },
  },
  additionalProperties: false,
};
