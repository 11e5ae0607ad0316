import type { KeyUse, OwnedKeys, Rewrapped } from "../engine";
import { isSameOwner } from "../keys/key-service";
import type { KeyOwner, MasterKey } from "../keys/key-service";
import * as say from "../messages";
import { nameRule } from "../rules/naming";
import { ViolationError } from "../violation";
import { isOlder, rewrapAll } from "./rewrapping";
import type { Run } from "./run";

/** The master keys of one account in a region: it sees and changes no others. */
export function ownedKeys(run: Run, owner: KeyOwner): OwnedKeys {
  const { keys } = run;
  const find = async (id: string): Promise<MasterKey | undefined> => {
    const key = (await keys.list({ sealing: true })).find((key) => key.id === id);
    if (key && !isSameOwner(owner, key)) throw new ViolationError([say.anothersMasterKey("", key)]);
    return key;
  };
  const own = async (id: string): Promise<string> => (await find(id))?.id ?? id;
  const rewrapped = async (key: MasterKey): Promise<Rewrapped> => ({ key, count: await rewrapAll(run, key) });
  return {
    list: (options) => list(run, owner, options?.sealing ?? false),
    async create(name) {
      const violations = nameRule(name ?? "default");
      if (violations.length > 0) throw new ViolationError(violations);
      return keys.create(owner, { name });
    },
    rotate: async (id) => rewrapped(await keys.rotate(await own(id))),
    async rewrap(id) {
      const key = await find(id);
      if (!key) throw new ViolationError([say.noMasterKey("", id)]);
      if (key.state !== "enabled") throw new ViolationError([say.masterKeyUnusable("", key)]);
      return rewrapped(key);
    },
    disable: async (id) => keys.disable(await own(id)),
    enable: async (id) => keys.enable(await own(id)),
    scheduleDeletion: async (id, days) => keys.scheduleDeletion(await own(id), days),
    cancelDeletion: async (id) => keys.cancelDeletion(await own(id)),
  };
}

async function list(run: Run, owner: KeyOwner, sealing: boolean): Promise<KeyUse[]> {
  const { images, instances, volumes } = await (await run.plan()).everything();
  const records = [...images, ...instances, ...volumes];
  const own = (await run.keys.list({ sealing })).filter((key) => isSameOwner(owner, key));
  return Promise.all(
    own.map(async (key) => {
      const sealed =
        key.purpose === "sealing"
          ? await run.wrappedKeys.wrappedBy(key.id)
          : records.filter(({ kmsKeyId }) => kmsKeyId === key.id);
      const older = sealed.filter(
        ({ wrappedKey }) => wrappedKey !== undefined && isOlder({ wrappedKey }, key.version),
      );
      return { key, sealed: sealed.map(({ id }) => id), older: older.length };
    }),
  );
}
