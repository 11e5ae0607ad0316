import type { KeyUse, Rewrapped } from "../engine";
import { OPERATOR } from "../keys/key-service";
import type { MasterKey } from "../keys/key-service";
import * as say from "../messages";
import { isOlder, rewrapAll } from "../operations/rewrapping";
import { ViolationError } from "../violation";
import { OperatorStore } from "./operator-store";

const COMMAND = "images region keys";

/** The keys that seal what a team's regions offer, one a region: the operator's own. Close it in any case. */
export class OperatorKeys {
  private constructor(private readonly store: OperatorStore) {}

  /** `endpoint`: of the operator's login. Throws a Fault where no region was applied. */
  static async open(endpoint: string): Promise<OperatorKeys> {
    return new OperatorKeys(await OperatorStore.open(endpoint));
  }

  async list(): Promise<KeyUse[]> {
    return Promise.all(
      (await this.own()).map(async (key) => {
        const sealed = await this.store.wrappedKeys.wrappedBy(key.id);
        const older = sealed.filter((standing) => isOlder(standing, key.version)).length;
        return { key, sealed: sealed.map(({ id }) => id), older };
      }),
    );
  }

  /** Makes a new version, and wraps by it what earlier ones have wrapped. No disk is touched. */
  async rotate(id: string): Promise<Rewrapped> {
    await this.find(id);
    return this.rewrapped(await this.store.keys.rotate(id));
  }

  /** What the region offers with a disk file can't be read until it is enabled. */
  async disable(id: string): Promise<MasterKey> {
    await this.find(id);
    return this.store.keys.disable(id);
  }

  async enable(id: string): Promise<MasterKey> {
    await this.find(id);
    return this.store.keys.enable(id);
  }

  /** Carries on a rotation that was cut off. */
  async rewrap(id: string): Promise<Rewrapped> {
    return this.rewrapped(await this.find(id));
  }

  close(): Promise<void> {
    return this.store.close();
  }

  private async own(): Promise<MasterKey[]> {
    return (await this.store.keys.list({ sealing: true })).filter(({ account }) => account === OPERATOR);
  }

  private async find(id: string): Promise<MasterKey> {
    const key = (await this.own()).find((key) => key.id === id);
    if (!key) throw new ViolationError([say.notOperatorsKey(id)]);
    return key;
  }

  private async rewrapped(key: MasterKey): Promise<Rewrapped> {
    return { key, count: await rewrapAll(this.store, key, COMMAND) };
  }
}
