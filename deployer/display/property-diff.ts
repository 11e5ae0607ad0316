import { isDeepStrictEqual } from "node:util";
import { SIGNATURE } from "../wire/property-value";
import type { PropertyMap, PropertyValue } from "../wire/property-value";
import type { StepView } from "./events";
import { isInternal } from "./value-text";

/** What the resources of this package tell their provider of themselves; no program wrote it. */
const OWN_TYPES = "pulumi-nodejs:dynamic/images:";
const OWN_INPUTS = new Set([
  "declaredBy",
  "imageDeclaredBy",
  "instanceDeclaredBy",
  "volumeDeclaredBy",
  "deleteBeforeReplace",
  "creationToken",
]);

export interface PropertyDiff {
  /** `tags.team`, `dataDisks[1].size` */
  path: string;
  kind: "add" | "delete" | "update";
  old?: PropertyValue;
  new?: PropertyValue;
}

/** What differs between a resource before and after a step, as far as it concerns the program. */
export function diffResource(step: StepView, side: "inputs" | "outputs"): PropertyDiff[] {
  const diffs = diffProperties(step.old?.[side] ?? {}, step.new?.[side] ?? {});
  return step.type.startsWith(OWN_TYPES) ? diffs.filter(({ path }) => !OWN_INPUTS.has(path)) : diffs;
}

/** What differs between two maps of properties, the smallest differing parts, in the new one's order. */
export function diffProperties(old: PropertyMap, now: PropertyMap): PropertyDiff[] {
  const keys = [...new Set([...Object.keys(now), ...Object.keys(old)])];
  return keys.filter((key) => !isInternal(key)).flatMap((key) => diffValues(key, old[key], now[key]));
}

function diffValues(
  path: string,
  old: PropertyValue | undefined,
  now: PropertyValue | undefined,
): PropertyDiff[] {
  if (isDeepStrictEqual(old, now)) return [];
  if (old === undefined) return [{ path, kind: "add", new: now }];
  if (now === undefined) return [{ path, kind: "delete", old }];
  if (isPlainMap(old) && isPlainMap(now)) {
    return diffProperties(old, now).map((diff) => ({ ...diff, path: `${path}.${diff.path}` }));
  }
  if (Array.isArray(old) && Array.isArray(now)) {
    return Array.from({ length: Math.max(old.length, now.length) }).flatMap((_, index) =>
      diffValues(`${path}[${index}]`, old[index], now[index]),
    );
  }
  return [{ path, kind: "update", old, new: now }];
}

/** A secret's inside is no part that may be told from another. */
function isPlainMap(value: PropertyValue): value is PropertyMap {
  return (
    typeof value === "object" && value !== null && !Array.isArray(value) && value[SIGNATURE] === undefined
  );
}
