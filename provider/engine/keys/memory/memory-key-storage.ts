import { Mutex } from "../../catalog/mutex";
import type { KeyChange, KeyStorage } from "../key-storage";
import type { StoredKey } from "../stored-key";

/** Keys that are known as long as the process lives. */
export class MemoryKeyStorage implements KeyStorage, KeyChange {
  private readonly keys = new Map<string, StoredKey>();
  private readonly mutex = new Mutex();

  async all(): Promise<StoredKey[]> {
    return [...this.keys.values()];
  }

  async find(id: string): Promise<StoredKey | undefined> {
    return this.keys.get(id);
  }

  exclusively<T>(change: (keys: KeyChange) => Promise<T>): Promise<T> {
    return this.mutex.run(() => change(this));
  }

  async put(key: StoredKey): Promise<StoredKey> {
    this.keys.set(key.id, key);
    return key;
  }

  async close(): Promise<void> {}
}
