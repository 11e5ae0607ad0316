import type { DiffResult } from "../plugins/provider-results";
import { changedKeys, withoutSecrets } from "../wire/properties";
import type { PropertyMap } from "../wire/property-value";

/** The diff of inputs, for a resource whose provider leaves it to the engine. */
export function compareInputs(olds: PropertyMap, news: PropertyMap): DiffResult {
  const changed = changedKeys(withoutSecrets(olds), withoutSecrets(news));
  return {
    changes: changed.length > 0 ? "some" : "none",
    replaces: [],
    changed,
    deleteBeforeReplace: false,
  };
}

/** The name under which a resource that hasn't come up counts as a change. */
const INIT_ERROR = "#initerror";

/** A diff in which the changes that the program wants to be replacements are such. */
export function replacingOnChanges(diff: DiffResult, keys: string[], initErrors: boolean): DiffResult {
  if (keys.length === 0 || (diff.changes !== "some" && !initErrors)) return diff;
  const failed = initErrors && keys.includes(INIT_ERROR);
  const replaces = new Set([...diff.replaces, ...diff.changed.filter((key) => keys.includes(key))]);
  if (failed) replaces.add(INIT_ERROR);
  return { ...diff, replaces: [...replaces], changes: failed ? "some" : diff.changes };
}
