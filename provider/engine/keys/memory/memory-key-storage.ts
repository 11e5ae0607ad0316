import { Mutex } from "../../catalog/mutex";
import type { KeyStorage } from "../key-storage";
import type { StoredKey } from "../stored-key";

/** Keys that are known as long as the process lives. */
export class MemoryKeyStorage implements KeyStorage {
  private readonly keys = new Map<string, StoredKey>();
  private readonly mutex = new Mutex();

  async all(): Promise<StoredKey[]> {
    return [...this.keys.values()];
  }

  async find(id: string): Promise<StoredKey | undefined> {
    return this.keys.get(id);
  }

  exclusively<T>(change: () => Promise<T>): Promise<T> {
    return this.mutex.run(change);
  }

  async put(key: StoredKey): Promise<void> {
    this.keys.set(key.id, key);
  }

  async close(): Promise<void> {}
}
