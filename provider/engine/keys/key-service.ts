/** `disabled`: not to be used until enabled again; `pendingDeletion`: gone for ever at `deletedAt`. */
export type KeyState = "enabled" | "disabled" | "pendingDeletion";

/** Whose keys: each account has its own in each region. */
export interface KeyOwner {
  region: string;
  account: string;
}

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
  /** Keys of all owners, for one run's snapshot; those whose deletion is due are gone. */
  list(): Promise<readonly MasterKey[]>;
  /** The first key of an owner is its default one. */
  create(owner: KeyOwner, options?: { name?: string }): Promise<MasterKey>;
  /** The owner's default key, made at the first need. */
  defaultKey(owner: KeyOwner): Promise<MasterKey>;
  /** A new data key (32 random bytes), and the text that stands for it in the catalogue. */
  generateDataKey(keyId: string): Promise<{ dataKey: Buffer; wrappedKey: string }>;
  unwrap(wrappedKey: string): Promise<Buffer>;
  rotate(keyId: string): Promise<MasterKey>;
  disable(keyId: string): Promise<MasterKey>;
  enable(keyId: string): Promise<MasterKey>;
  /** 7 to 30 days from now. */
  scheduleDeletion(keyId: string, days: number): Promise<MasterKey>;
  cancelDeletion(keyId: string): Promise<MasterKey>;
}
