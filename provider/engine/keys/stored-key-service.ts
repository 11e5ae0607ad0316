import { randomBytes } from "node:crypto";
import * as say from "../messages";
import { ViolationError } from "../violation";
import type { KeyOwner, KeyService, MasterKey } from "./key-service";
import type { KeyStorage } from "./key-storage";
import * as change from "./stored-key";
import { isGone, requireEnabled, shown } from "./stored-key";
import type { StoredKey } from "./stored-key";
import { altered, KEY_BYTES, parseWrapped, unwrap, wrap } from "./wrapping";

export type Clock = () => Date;

/** Keys in a storage of their own, for data keys wrapped by AES-256-GCM. */
export class StoredKeyService implements KeyService {
  constructor(
    private readonly storage: KeyStorage,
    private readonly now: Clock = () => new Date(),
  ) {}

  async list(): Promise<readonly MasterKey[]> {
    const keys = await this.storage.all();
    // A preview may run where nothing can be written. What is due is gone in any case.
    if (keys.some((key) => this.isDue(key)))
      await this.changing(async () => undefined).catch(() => undefined);
    return this.standing(keys).map(shown).sort(byAge);
  }

  create(owner: KeyOwner, options: { name?: string } = {}): Promise<MasterKey> {
    return this.changing((keys) => this.make(owner, keys, options.name));
  }

  async defaultKey(owner: KeyOwner): Promise<MasterKey> {
    const found = this.defaultOf(owner, await this.storage.all());
    if (found) return shown(found);
    return this.changing(async (keys) => {
      const madeMeanwhile = this.defaultOf(owner, keys);
      return madeMeanwhile ? shown(madeMeanwhile) : this.make(owner, keys, "default");
    });
  }

  async generateDataKey(keyId: string): Promise<{ dataKey: Buffer; wrappedKey: string }> {
    const { id, version } = await this.usable(keyId);
    const dataKey = randomBytes(KEY_BYTES);
    const wrappedKey = await this.withMaterial(id, version, (material) =>
      wrap(material, id, version, dataKey),
    );
    return { dataKey, wrappedKey };
  }

  async unwrap(wrappedKey: string): Promise<Buffer> {
    const wrapped = parseWrapped(wrappedKey);
    const { id, version } = await this.usable(wrapped.id);
    if (wrapped.version > version) throw altered(`master key ${id} has no version ${wrapped.version}`);
    return this.withMaterial(id, wrapped.version, (material) => unwrap(material, wrapped));
  }

  rotate(keyId: string): Promise<MasterKey> {
    return this.change(keyId, async (key) => {
      const rotated = change.rotated(key);
      await this.putNewMaterial(rotated);
      return rotated;
    });
  }

  disable(keyId: string): Promise<MasterKey> {
    return this.change(keyId, change.disabled);
  }

  enable(keyId: string): Promise<MasterKey> {
    return this.change(keyId, change.enabled);
  }

  scheduleDeletion(keyId: string, days: number): Promise<MasterKey> {
    return this.change(keyId, (key) => change.scheduled(key, days, this.now()));
  }

  cancelDeletion(keyId: string): Promise<MasterKey> {
    return this.change(keyId, change.restored);
  }

  private async change(
    keyId: string,
    changed: (key: StoredKey) => StoredKey | Promise<StoredKey>,
  ): Promise<MasterKey> {
    // Nothing is made for a key that isn't there.
    await this.existing(keyId);
    return this.changing(async () => {
      const key = await changed(await this.existing(keyId));
      await this.storage.put(key);
      return shown(key);
    });
  }

  /** Runs a change alone, after what is due for deletion has been destroyed. */
  private changing<T>(work: (keys: StoredKey[]) => Promise<T>): Promise<T> {
    return this.storage.exclusively(async () => {
      const keys = await this.storage.all();
      for (const key of keys.filter((key) => this.isDue(key))) {
        // In this order one that is cut off is done again.
        await this.storage.destroyMaterial(key.id);
        await this.storage.put({ ...key, destroyed: true });
      }
      return work(keys);
    });
  }

  private async make(
    { region, account }: KeyOwner,
    keys: StoredKey[],
    name: string | undefined,
  ): Promise<MasterKey> {
    const isDefault = this.defaultOf({ region, account }, keys) === undefined;
    const id = unusedId(keys);
    const createdAt = this.now().toISOString();
    const key = { id, name: name ?? id, region, account, isDefault, disabled: false, version: 1, createdAt };
    await this.putNewMaterial(key);
    await this.storage.put(key);
    return shown(key);
  }

  private async putNewMaterial({ id, version }: StoredKey): Promise<void> {
    const material = randomBytes(KEY_BYTES);
    try {
      await this.storage.putMaterial(id, version, material);
    } finally {
      material.fill(0);
    }
  }

  private async withMaterial<T>(id: string, version: number, work: (material: Buffer) => T): Promise<T> {
    const material = await this.storage.material(id, version);
    try {
      return work(material);
    } finally {
      material.fill(0);
    }
  }

  private async usable(keyId: string): Promise<StoredKey> {
    const key = await this.existing(keyId);
    requireEnabled(key);
    return key;
  }

  private async existing(keyId: string): Promise<StoredKey> {
    const key = await this.storage.find(keyId);
    if (!key) throw new ViolationError([say.noMasterKey("", keyId)]);
    if (isGone(key, this.now())) throw new ViolationError([say.masterKeyDeleted("", keyId, key.deletedAt)]);
    return key;
  }

  private standing(keys: StoredKey[]): StoredKey[] {
    const now = this.now();
    return keys.filter((key) => !isGone(key, now));
  }

  private isDue(key: StoredKey): boolean {
    return !key.destroyed && isGone(key, this.now());
  }

  private defaultOf({ region, account }: KeyOwner, keys: StoredKey[]): StoredKey | undefined {
    return this.standing(keys).find(
      (key) => key.isDefault && key.region === region && key.account === account,
    );
  }
}

function unusedId(keys: StoredKey[]): string {
  const id = `key-${randomBytes(6).toString("hex")}`;
  return keys.some((key) => key.id === id) ? unusedId(keys) : id;
}

/** Oldest first. */
function byAge(a: MasterKey, b: MasterKey): number {
  return a.createdAt < b.createdAt || (a.createdAt === b.createdAt && a.id < b.id) ? -1 : 1;
}
