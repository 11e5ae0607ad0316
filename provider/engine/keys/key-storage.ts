import type { StoredKey } from "./stored-key";

/** What can be asked of the keys. */
export interface StoredKeys {
  /** Every key that was ever made and that this reader may list, in no order. */
  all(): Promise<StoredKey[]>;
  /** Also one that isn't listed, where something that this reader may open is wrapped by it. */
  find(id: string): Promise<StoredKey | undefined>;
}

/** Within one change, which sees what it has put. */
export interface KeyChange extends StoredKeys {
  /** Returns the key as it is kept: the storage may have a clock of its own. */
  put(key: StoredKey): Promise<StoredKey>;
}

/** Port: what is known of master keys, without anything secret. Failures are Faults. */
export interface KeyStorage extends StoredKeys {
  /**
   * Runs one change at a time, whatever processes there are. What it puts is durable, and whole or not there. Makes what
   * the storage needs to be written to. A storage may run `change` again from the start where the first time came to nothing.
   */
  exclusively<T>(change: (keys: KeyChange) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}
