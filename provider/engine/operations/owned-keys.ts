import type { KeyOwner, MasterKey } from "../keys/key-service";
import * as say from "../messages";
import type { OwnedKeys, KeyUse } from "../engine";
import { nameRule } from "../rules/naming";
import { ViolationError } from "../violation";
import type { Run } from "./run";

/** The master keys of one account in a region: it sees and changes no others. */
export function ownedKeys(run: Run, owner: KeyOwner): OwnedKeys {
  const { keys } = run;
  const own = async (id: string): Promise<string> => {
    const key = (await keys.list()).find((key) => key.id === id);
    if (key && !isOf(owner, key)) throw new ViolationError([say.anothersMasterKey("", key)]);
    return id;
  };
  return {
    list: () => list(run, owner),
    async create(name) {
      const violations = nameRule(name ?? "default");
      if (violations.length > 0) throw new ViolationError(violations);
      return keys.create(owner, { name });
    },
    rotate: async (id) => keys.rotate(await own(id)),
    disable: async (id) => keys.disable(await own(id)),
    enable: async (id) => keys.enable(await own(id)),
    scheduleDeletion: async (id, days) => keys.scheduleDeletion(await own(id), days),
    cancelDeletion: async (id) => keys.cancelDeletion(await own(id)),
  };
}

async function list(run: Run, owner: KeyOwner): Promise<KeyUse[]> {
  const plan = await run.plan();
  const records = [...plan.all("image"), ...plan.all("instance"), ...plan.all("volume")];
  const own = (await run.keys.list()).filter((key) => isOf(owner, key));
  return own.map((key) => ({
    key,
    sealed: records.filter(({ kmsKeyId }) => kmsKeyId === key.id).map(({ id }) => id),
  }));
}

function isOf({ region, account }: KeyOwner, key: MasterKey): boolean {
  return key.region === region && key.account === account;
}
