/** `disabled`: not to be used until enabled again; `pendingDeletion`: gone for ever at `deletedAt`. */
export type KeyState = "enabled" | "disabled" | "pendingDeletion";

/** Whose keys: each account has its own in each region. */
export interface KeyOwner {
  region: string;
  account: string;
}

export function isSameOwner(one: KeyOwner, other: KeyOwner): boolean {
  return one.region === other.region && one.account === other.account;
}

/** What a key is made for: the one that programs take where they name none, or the one that seals disks. */
export type KeyRole = "default" | "sealing";

/** The account that owns what a team's region offers; no program can name it. */
export const OPERATOR = "@operator";

/** A master key, without anything secret. */
export interface MasterKey extends KeyOwner {
  /** `key-…`. */
  id: string;
  name: string;
  state: KeyState;
  /** 1 for a new key; each rotation adds one. Data keys that were wrapped by an earlier version still unwrap. */
  version: number;
  /** Taken where a program names no key. At most one an account and region. */
  isDefault: boolean;
  /** Only of a key that seals the owner's disks in a bucket: it can be rotated, and neither disabled (but the operator's) nor deleted. */
  purpose?: "sealing";
  /** RFC 3339, UTC. */
  createdAt: string;
  /** RFC 3339, UTC; only while its deletion is scheduled. */
  deletedAt?: string;
}

/**
 * Port: the master keys that wrap data keys (envelope encryption). A master key never leaves the service.
 * A key that is disabled, scheduled for deletion or gone wraps and unwraps nothing: ViolationError, with the remedy.
 * What can't be read or was tampered with is a Fault.
 */
export interface KeyService {
  /** Keys of all owners, for one run's snapshot; those whose deletion is due are gone. Sealing keys only if asked for. */
  list(options?: { sealing?: boolean }): Promise<readonly MasterKey[]>;
  /** The first key of an owner is its default one. */
  create(owner: KeyOwner, options?: { name?: string }): Promise<MasterKey>;
  /** The owner's default key, made at the first need. */
  defaultKey(owner: KeyOwner): Promise<MasterKey>;
  /** The key with which a store seals the owner's disks, made at the first need; no program's `kmsKeyId` names it. */
  sealingKey(owner: KeyOwner): Promise<MasterKey>;
  /** A new data key (32 random bytes), and the text that stands for it in the catalogue. */
  generateDataKey(keyId: string): Promise<{ dataKey: Buffer; wrappedKey: string }>;
  unwrap(wrappedKey: string): Promise<Buffer>;
  /** The same data key wrapped by the newest version of its master key; the same text where it is already. */
  rewrap(wrappedKey: string): Promise<string>;
  rotate(keyId: string): Promise<MasterKey>;
  disable(keyId: string): Promise<MasterKey>;
  enable(keyId: string): Promise<MasterKey>;
  /** 7 to 30 days from now. */
  scheduleDeletion(keyId: string, days: number): Promise<MasterKey>;
  cancelDeletion(keyId: string): Promise<MasterKey>;
  /** Gives back what was opened (sessions, connections); the next use opens it again. */
  close(): Promise<void>;
}
