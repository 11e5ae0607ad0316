import type { OwnedKeys } from "../../../provider/engine/engine";
import type { RegionOptions, Scope } from "../open-lookups";

/** Works on the keys of the account that the options or the stack's configuration name. */
export async function withKeys<T>(
  options: RegionOptions,
  work: (keys: OwnedKeys, scope: Scope) => Promise<T>,
): Promise<T> {
  const { withEngine } = await import("../open-lookups.js");
  return withEngine(options, (engine) => work(engine.keys(engine.defaults), engine.defaults));
}
