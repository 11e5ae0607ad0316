import type { StoredKey } from "./stored-key";

/** Where a key service keeps its keys. Failures are Faults. */
export interface KeyStorage {
  /** Every key that was ever made, in no order. */
  all(): Promise<StoredKey[]>;
  find(id: string): Promise<StoredKey | undefined>;
  /** The 32 secret bytes of one version: a copy, which the caller clears. */
  material(id: string, version: number): Promise<Buffer>;
  /** Runs one change at a time, whatever processes there are. Makes what the storage needs to be written to. */
  exclusively<T>(change: () => Promise<T>): Promise<T>;
  /* The writes, within `exclusively`; each is durable, and whole or not there. */
  put(key: StoredKey): Promise<void>;
  putMaterial(id: string, version: number, material: Buffer): Promise<void>;
  /** Destroys the material of all versions. */
  destroyMaterial(id: string): Promise<void>;
}
