import { randomBytes } from "node:crypto";
import * as say from "../messages";
import { ViolationError } from "../violation";
import { KEY_BYTES } from "./aes-wrapping";
import type { KeyOwner, KeyService, MasterKey } from "./key-service";
import type { KeyStorage } from "./key-storage";
import type { KeyVault } from "./key-vault";
import * as change from "./stored-key";
import { isGone, requireEnabled, shown } from "./stored-key";
import type { StoredKey } from "./stored-key";
import { altered, contextOf, parseWrapped, wrappedText } from "./wrapped-key";

export type Clock = () => Date | Promise<Date>;

/** What a key is made for: the key that programs take where they name none, or the one that seals disks. */
type Role = "default" | "sealing";

/** Keys of which a storage knows what they are, and a vault holds the secret. */
export class StoredKeyService implements KeyService {
  constructor(
    private readonly storage: KeyStorage,
    private readonly vault: KeyVault,
    private readonly now: Clock = () => new Date(),
  ) {}

  async list({ sealing = false } = {}): Promise<readonly MasterKey[]> {
    const [keys, now] = [await this.storage.all(), await this.now()];
    // A preview may run where nothing can be written. What is due is gone in any case.
    if (keys.some((key) => isDue(key, now)))
      await this.changing(async () => undefined).catch(() => undefined);
    return keys
      .filter((key) => !isGone(key, now) && (sealing || key.purpose !== "sealing"))
      .map(shown)
      .sort(byAge);
  }

  create(owner: KeyOwner, { name }: { name?: string } = {}): Promise<MasterKey> {
    return this.changing((keys, now) => {
      const isDefault = roleKey("default", owner, keys, now) === undefined;
      return this.make({ ...owner, name, isDefault }, keys, now);
    });
  }

  defaultKey(owner: KeyOwner): Promise<MasterKey> {
    return this.keyFor("default", owner, { name: "default", isDefault: true });
  }

  sealingKey(owner: KeyOwner): Promise<MasterKey> {
    return this.keyFor("sealing", owner, { name: "disks", isDefault: false, purpose: "sealing" });
  }

  async generateDataKey(keyId: string): Promise<{ dataKey: Buffer; wrappedKey: string }> {
    const key = await this.usable(keyId);
    const dataKey = randomBytes(KEY_BYTES);
    return { dataKey, wrappedKey: await this.wrap(key, dataKey) };
  }

  async unwrap(wrappedKey: string): Promise<Buffer> {
    return (await this.opened(wrappedKey)).dataKey;
  }

  async rewrap(wrappedKey: string): Promise<string> {
    const { id, version } = parseWrapped(wrappedKey);
    if ((await this.usable(id)).version === version) return wrappedKey;
    const { key, dataKey } = await this.opened(wrappedKey);
    try {
      return await this.wrap(key, dataKey);
    } finally {
      dataKey.fill(0);
    }
  }

  rotate(keyId: string): Promise<MasterKey> {
    return this.change(keyId, async (key) => {
      const rotated = change.rotated(key);
      await this.vault.generate(rotated.id, rotated.version);
      return rotated;
    });
  }

  /* A vault that can refuse a key is told to after the key's state says so, and to use it again before. */

  disable(keyId: string): Promise<MasterKey> {
    return this.change(keyId, change.disabled, ({ id, version }) => this.vault.disable(id, version));
  }

  enable(keyId: string): Promise<MasterKey> {
    return this.change(keyId, (key) => this.usableAgain(change.enabled(key)));
  }

  scheduleDeletion(keyId: string, days: number): Promise<MasterKey> {
    return this.change(
      keyId,
      (key, now) => change.scheduled(key, days, now),
      ({ id, version }) => this.vault.disable(id, version),
    );
  }

  cancelDeletion(keyId: string): Promise<MasterKey> {
    return this.change(keyId, (key) => this.usableAgain(change.restored(key)));
  }

  async close(): Promise<void> {
    await this.vault.close();
    await this.storage.close();
  }

  private async usableAgain(key: StoredKey): Promise<StoredKey> {
    if (!key.disabled) await this.vault.enable(key.id, key.version);
    return key;
  }

  private async wrap({ id, version }: StoredKey, dataKey: Buffer): Promise<string> {
    const context = contextOf(id, version);
    return wrappedText(context, await this.vault.wrap(id, version, dataKey, context));
  }

  private async opened(wrappedKey: string): Promise<{ key: StoredKey; dataKey: Buffer }> {
    const { id, version, sealed, context } = parseWrapped(wrappedKey);
    const key = await this.usable(id);
    if (version > key.version) throw altered(`master key ${id} has no version ${version}`);
    return { key, dataKey: await this.vault.unwrap(id, version, sealed, context) };
  }

  private async change(
    keyId: string,
    changed: (key: StoredKey, now: Date) => StoredKey | Promise<StoredKey>,
    afterwards?: (key: StoredKey) => Promise<void>,
  ): Promise<MasterKey> {
    // Nothing is made for a key that isn't there.
    await this.existing(keyId);
    return this.changing(async (_, now) => {
      const key = await changed(await this.existing(keyId), now);
      await this.storage.put(key);
      await afterwards?.(key);
      return shown(key);
    });
  }

  /** Runs a change alone, after what is due for deletion has been destroyed. */
  private changing<T>(work: (keys: StoredKey[], now: Date) => Promise<T>): Promise<T> {
    return this.storage.exclusively(async () => {
      const [keys, now] = [await this.storage.all(), await this.now()];
      for (const key of keys.filter((key) => isDue(key, now))) {
        // In this order one that is cut off is done again.
        await this.vault.destroy(key.id, key.version);
        await this.storage.put({ ...key, destroyed: true });
      }
      return work(keys, now);
    });
  }

  /** The owner's one key of a role, made at the first need. */
  private async keyFor(
    role: Role,
    owner: KeyOwner,
    facts: Pick<StoredKey, "name" | "isDefault" | "purpose">,
  ): Promise<MasterKey> {
    const found = roleKey(role, owner, await this.storage.all(), await this.now());
    if (found) return shown(found);
    return this.changing(async (keys, now) => {
      const madeMeanwhile = roleKey(role, owner, keys, now);
      return madeMeanwhile ? shown(madeMeanwhile) : this.make({ ...owner, ...facts }, keys, now);
    });
  }

  private async make(
    { region, account, name, isDefault, purpose }: NewKey,
    keys: StoredKey[],
    now: Date,
  ): Promise<MasterKey> {
    const id = unusedId(keys);
    const bound = purpose === undefined ? {} : { purpose };
    const facts = { id, name: name ?? id, region, account, isDefault, ...bound };
    const key = { ...facts, disabled: false, version: 1, createdAt: now.toISOString() };
    await this.vault.generate(id, key.version);
    await this.storage.put(key);
    return shown(key);
  }

  private async usable(keyId: string): Promise<StoredKey> {
    const key = await this.existing(keyId);
    requireEnabled(key);
    return key;
  }

  private async existing(keyId: string): Promise<StoredKey> {
    const key = await this.storage.find(keyId);
    if (!key) throw new ViolationError([say.noMasterKey("", keyId)]);
    if (isGone(key, await this.now()))
      throw new ViolationError([say.masterKeyDeleted("", keyId, key.deletedAt)]);
    return key;
  }
}

type NewKey = KeyOwner & Pick<StoredKey, "isDefault" | "purpose"> & { name?: string };

function isDue(key: StoredKey, now: Date): boolean {
  return !key.destroyed && isGone(key, now);
}

function roleKey(role: Role, { region, account }: KeyOwner, keys: StoredKey[], now: Date) {
  return keys.find((key) => {
    const fits = role === "default" ? key.isDefault : key.purpose === "sealing";
    return fits && key.region === region && key.account === account && !isGone(key, now);
  });
}

function unusedId(keys: StoredKey[]): string {
  const id = `key-${randomBytes(6).toString("hex")}`;
  return keys.some((key) => key.id === id) ? unusedId(keys) : id;
}

/** Oldest first. */
function byAge(a: MasterKey, b: MasterKey): number {
  return a.createdAt < b.createdAt || (a.createdAt === b.createdAt && a.id < b.id) ? -1 : 1;
}
