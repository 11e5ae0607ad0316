import { Mutex } from "../catalog/mutex";
import { Fault } from "../violation";
import type { KeyStorage } from "./key-storage";
import type { StoredKey } from "./stored-key";
import { StoredKeyService } from "./stored-key-service";
import type { Clock } from "./stored-key-service";

/** Keys that live as long as the process. */
export class MemoryKeyService extends StoredKeyService {
  constructor(now?: Clock) {
    super(new MemoryKeys(), now);
  }
}

class MemoryKeys implements KeyStorage {
  private readonly keys = new Map<string, StoredKey>();
  private readonly materials = new Map<string, Map<number, Buffer>>();
  private readonly mutex = new Mutex();

  async all(): Promise<StoredKey[]> {
    return [...this.keys.values()];
  }

  async find(id: string): Promise<StoredKey | undefined> {
    return this.keys.get(id);
  }

  async material(id: string, version: number): Promise<Buffer> {
    const found = this.materials.get(id)?.get(version);
    if (!found) throw new Fault(`Reading master key ${id}`, { says: `it has no version ${version}` });
    return Buffer.from(found);
  }

  exclusively<T>(change: () => Promise<T>): Promise<T> {
    return this.mutex.run(change);
  }

  async put(key: StoredKey): Promise<void> {
    this.keys.set(key.id, key);
  }

  async putMaterial(id: string, version: number, material: Buffer): Promise<void> {
    const versions = this.materials.get(id) ?? new Map<number, Buffer>();
    this.materials.set(id, versions.set(version, Buffer.from(material)));
  }

  async destroyMaterial(id: string): Promise<void> {
    for (const material of this.materials.get(id)?.values() ?? []) material.fill(0);
    this.materials.delete(id);
  }
}
