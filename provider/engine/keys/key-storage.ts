import type { StoredKey } from "./stored-key";

/** Port: what is known of master keys, without anything secret. Failures are Faults. */
export interface KeyStorage {
  /** Every key that was ever made and that this reader may list, in no order. */
  all(): Promise<StoredKey[]>;
  /** Also one that isn't listed, where something that this reader may open is wrapped by it. */
  find(id: string): Promise<StoredKey | undefined>;
  /** Runs one change at a time, whatever processes there are. Makes what the storage needs to be written to. */
  exclusively<T>(change: () => Promise<T>): Promise<T>;
  /** Within `exclusively`; durable, and whole or not there. */
  put(key: StoredKey): Promise<void>;
  close(): Promise<void>;
}
