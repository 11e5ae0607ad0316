import { isDeepStrictEqual } from "node:util";
import type { PropertyMap } from "../wire/property-value";
import { completeInputs } from "./inputs";
import type { RandomResource } from "./random-resource";

/** Inputs that differ from what the state has, and those of them that need a new random value. */
export function diffInputs(
  resource: RandomResource,
  state: PropertyMap,
  declared: PropertyMap,
): { changed: string[]; replaces: string[] } {
  const next = completeInputs(resource, declared);
  const old = completeInputs(resource, state);
  const changed = Object.keys(resource.inputs)
    .filter((property) => !isDeepStrictEqual(old[property], next[property]))
    .sort();
  const replaces = changed.filter(
    (property) => resource.inputs[property]!.replaces?.(old[property], next[property]) ?? true,
  );
  return { changed, replaces };
}
