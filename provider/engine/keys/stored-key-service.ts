import { randomBytes } from "node:crypto";
import { inLanes } from "../in-lanes";
import * as say from "../messages";
import { Fault, ViolationError } from "../violation";
import { KEY_BYTES } from "./aes-wrapping";
import { isSameOwner } from "./key-service";
import type { KeyOwner, KeyRole, KeyService, MasterKey } from "./key-service";
import type { KeyChange, KeyStorage } from "./key-storage";
import type { KeyVault } from "./key-vault";
import * as change from "./stored-key";
import { isGone, requireEnabled, shown } from "./stored-key";
import type { StoredKey } from "./stored-key";
import { altered, contextOf, parseWrapped, wrappedText } from "./wrapped-key";

export type Clock = () => Date | Promise<Date>;

const FIRST_VERSION = 1;
const GENERATED_AT_ONCE = 8;

const ROLES = {
  default: { name: "default", isDefault: true },
  sealing: { name: "disks", isDefault: false, purpose: "sealing" },
} as const;

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
    const id = newId();
    return this.changing(async (keys, now) => {
      const all = await keys.all();
      const isDefault = roleKey("default", owner, all, now) === undefined;
      return this.make({ ...owner, id, name: name ?? id, isDefault }, all, keys, now);
    });
  }

  defaultKey(owner: KeyOwner): Promise<MasterKey> {
    return this.keyFor("default", owner);
  }

  sealingKey(owner: KeyOwner): Promise<MasterKey> {
    return this.keyFor("sealing", owner);
  }

  /** Makes all of these that aren't there, in one change. */
  async makeKeys(keysOf: readonly (KeyOwner & { role: KeyRole })[]): Promise<void> {
    const wanted = keysOf.map(({ region, account, role }) => ({
      role,
      facts: { region, account, ...ROLES[role], id: newId() },
    }));
    let tries = 0;
    await this.changing(async (keys, now) => {
      const all = await keys.all();
      const missing = wanted
        .filter(({ role, facts }) => !roleKey(role, facts, all, now))
        .map(({ facts }) => facts);
      for (const { id } of missing) requireFree(id, all);
      const isNew = ++tries === 1;
      await inLanes(missing, GENERATED_AT_ONCE, ({ id }) =>
        this.vault.generate(id, FIRST_VERSION, { isNew }),
      );
      for (const facts of missing) await keys.put(newKey(facts, now));
    });
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
    return this.changing(async (keys, now) => {
      // Only what may be listed may be changed: others' keys can be found where one may open what they wrap.
      const listed = (await keys.all()).find(({ id }) => id === keyId);
      const key = await keys.put(await changed(standing(listed, keyId, now), now));
      await afterwards?.(key);
      return shown(key);
    });
  }

  /** Runs a change alone, after what is due for deletion has been destroyed. It may run more than once. */
  private changing<T>(work: (keys: KeyChange, now: Date) => Promise<T>): Promise<T> {
    return this.storage.exclusively(async (keys) => {
      const [all, now] = [await keys.all(), await this.now()];
      for (const key of all.filter((key) => isDue(key, now))) {
        // In this order one that is cut off is done again.
        await this.vault.destroy(key.id, key.version);
        await keys.put({ ...key, destroyed: true });
      }
      return work(keys, now);
    });
  }

  /** The owner's one key of a role, made at the first need. */
  private async keyFor(role: KeyRole, owner: KeyOwner): Promise<MasterKey> {
    const found = roleKey(role, owner, await this.storage.all(), await this.now());
    if (found) return shown(found);
    const id = newId();
    return this.changing(async (keys, now) => {
      const all = await keys.all();
      const madeMeanwhile = roleKey(role, owner, all, now);
      if (madeMeanwhile) return shown(madeMeanwhile);
      return this.make({ ...owner, ...ROLES[role], id }, all, keys, now);
    });
  }

  private async make(
    facts: NewKey,
    all: readonly StoredKey[],
    keys: KeyChange,
    now: Date,
  ): Promise<MasterKey> {
    requireFree(facts.id, all);
    await this.vault.generate(facts.id, FIRST_VERSION);
    return shown(await keys.put(newKey(facts, now)));
  }

  private async usable(keyId: string): Promise<StoredKey> {
    const key = await this.existing(keyId);
    requireEnabled(key);
    return key;
  }

  private async existing(keyId: string): Promise<StoredKey> {
    return standing(await this.storage.find(keyId), keyId, await this.now());
  }
}

/** Throws ViolationError where there is no such key, or no more. */
function standing(key: StoredKey | undefined, keyId: string, now: Date): StoredKey {
  if (!key) throw new ViolationError([say.noMasterKey("", keyId)]);
  if (isGone(key, now)) throw new ViolationError([say.masterKeyDeleted("", keyId, key.deletedAt)]);
  return key;
}

function newKey(facts: NewKey, now: Date): StoredKey {
  return { ...facts, disabled: false, version: FIRST_VERSION, createdAt: now.toISOString() };
}

type NewKey = KeyOwner & Pick<StoredKey, "id" | "name" | "isDefault" | "purpose">;

function isDue(key: StoredKey, now: Date): boolean {
  return !key.destroyed && isGone(key, now);
}

function roleKey(role: KeyRole, owner: KeyOwner, keys: StoredKey[], now: Date) {
  return keys.find((key) => {
    const fits = role === "default" ? key.isDefault : key.purpose === "sealing";
    return fits && isSameOwner(key, owner) && !isGone(key, now);
  });
}

/** Only what may be listed: the storage refuses others'. */
function requireFree(id: string, keys: readonly StoredKey[]): void {
  if (keys.some((key) => key.id === id)) {
    throw new Fault("Making a master key", { says: "its random ID is taken" });
  }
}

/** Chosen before a change, which may run again: what the vault has made for it by then is taken. */
function newId(): string {
  return `key-${randomBytes(6).toString("hex")}`;
}

/** Oldest first. */
function byAge(a: MasterKey, b: MasterKey): number {
  return a.createdAt < b.createdAt || (a.createdAt === b.createdAt && a.id < b.id) ? -1 : 1;
}
