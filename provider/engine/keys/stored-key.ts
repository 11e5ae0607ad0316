import * as say from "../messages";
import { ViolationError } from "../violation";
import { OPERATOR } from "./key-service";
import type { KeyOwner, KeyState, MasterKey } from "./key-service";

const SHORTEST_DAYS = 7;
const LONGEST_DAYS = 30;
const DAY_MS = 24 * 3600 * 1000;

/** What is kept of a master key for ever, its secret material apart. */
export interface StoredKey extends KeyOwner {
  id: string;
  name: string;
  isDefault: boolean;
  purpose?: "sealing";
  disabled: boolean;
  version: number;
  createdAt: string;
  deletedAt?: string;
  /** Its material is gone. The ID is kept, so that it is never used again. */
  destroyed?: boolean;
}

export function isGone({ destroyed, deletedAt }: StoredKey, now: Date): boolean {
  return destroyed === true || (deletedAt !== undefined && new Date(deletedAt) <= now);
}

export function shown(key: StoredKey): MasterKey {
  const { id, name, region, account, isDefault, purpose, version, createdAt, deletedAt } = key;
  const bound = purpose === undefined ? {} : { purpose };
  const dated = deletedAt === undefined ? { createdAt } : { createdAt, deletedAt };
  return { id, name, region, account, isDefault, ...bound, version, state: stateOf(key), ...dated };
}

function stateOf({ deletedAt, disabled }: StoredKey): KeyState {
  if (deletedAt !== undefined) return "pendingDeletion";
  return disabled ? "disabled" : "enabled";
}

/* The changes of a key. Each returns what it is then, or throws ViolationError. */

export function disabled(key: StoredKey): StoredKey {
  // What the operator offers is the operator's to take back.
  if (key.account !== OPERATOR) refuseSealing(key);
  refusePending(key);
  return { ...key, disabled: true };
}

export function enabled(key: StoredKey): StoredKey {
  refusePending(key);
  return { ...key, disabled: false };
}

export function rotated(key: StoredKey): StoredKey {
  requireEnabled(key);
  return { ...key, version: key.version + 1 };
}

export function scheduled(key: StoredKey, days: number, now: Date): StoredKey {
  refuseSealing(key);
  refusePending(key);
  if (!Number.isInteger(days) || days < SHORTEST_DAYS || days > LONGEST_DAYS) {
    throw new ViolationError([say.badDeletionDays(days, SHORTEST_DAYS, LONGEST_DAYS)]);
  }
  return { ...key, deletedAt: new Date(now.getTime() + days * DAY_MS).toISOString() };
}

/** It is then as it was before: disabled where it was. */
export function restored(key: StoredKey): StoredKey {
  return { ...key, deletedAt: undefined };
}

/** Throws ViolationError where the key is not to be used. */
export function requireEnabled(key: StoredKey): void {
  if (stateOf(key) !== "enabled") throw new ViolationError([say.masterKeyUnusable("", shown(key))]);
}

/** Throws ViolationError where the key is as good as deleted. */
function refusePending(key: StoredKey): void {
  if (key.deletedAt !== undefined) throw new ViolationError([say.masterKeyUnusable("", shown(key))]);
}

/** Disks are sealed whether or not a program asks for it: what opens them isn't an account's to lock away. */
function refuseSealing(key: StoredKey): void {
  if (key.purpose === "sealing") throw new ViolationError([say.sealingKeyStays("", shown(key))]);
}
