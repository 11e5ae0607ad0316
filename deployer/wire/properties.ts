import type { PropertyMap, PropertyValue } from "./property-value";
import { ASSET, isMarked, RESOURCE_REFERENCE, SECRET, secret, SIGNATURE, UNKNOWN } from "./property-value";

const CARRIED = new Set<PropertyValue>([SECRET, ASSET, RESOURCE_REFERENCE]);
const KINDS: Record<string, string> = {
  "0def7320c3a5731c473e5ecbe6d01bc7": "an archive",
  d0e6a833031e9bbcd3f4e8bde6ca49a4: "an output value",
};

export function isObject(value: PropertyValue | undefined): value is PropertyMap {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** An object without a mark: neither secret nor asset nor reference. */
function isPlainObject(value: PropertyValue | undefined): value is PropertyMap {
  return isObject(value) && value[SIGNATURE] === undefined;
}

export function isSecret(value: PropertyValue | undefined): value is PropertyMap {
  return value !== undefined && isMarked(value, SECRET);
}

/** Whether `test` holds for the value or anything inside it. */
export function some(value: PropertyValue | undefined, test: (value: PropertyValue) => boolean): boolean {
  if (value === undefined) return false;
  if (test(value)) return true;
  if (Array.isArray(value)) return value.some((item) => some(item, test));
  if (isObject(value)) {
    for (const key in value) if (some(value[key], test)) return true;
  }
  return false;
}

export const containsUnknowns = (value: PropertyValue | undefined): boolean =>
  some(value, (it) => it === UNKNOWN);

export const containsSecrets = (value: PropertyValue | undefined): boolean => some(value, isSecret);

/** The first thing inside a value that this engine can't carry, in words. */
export function unsupportedKind(value: PropertyMap): string | undefined {
  let kind: string | undefined;
  some(value, (it) => {
    if (typeof it === "number" && !Number.isFinite(it)) kind = `the number ${it}`;
    else if (isObject(it) && it[SIGNATURE] !== undefined && !CARRIED.has(it[SIGNATURE])) {
      kind = KINDS[String(it[SIGNATURE])] ?? `a value of the unknown kind ${String(it[SIGNATURE])}`;
    }
    return kind !== undefined;
  });
  return kind;
}

/** A copy with each secret replaced by its plain value. */
export function withoutSecrets(value: PropertyMap): PropertyMap;
export function withoutSecrets(value: PropertyValue): PropertyValue;
export function withoutSecrets(value: PropertyValue): PropertyValue {
  if (isSecret(value)) return withoutSecrets(value["value"]!);
  return mapInside(value, withoutSecrets);
}

/** A copy with each resource reference replaced by the ID that it names, or its URN where it has none. */
export function withoutReferences(value: PropertyMap): PropertyMap;
export function withoutReferences(value: PropertyValue): PropertyValue;
export function withoutReferences(value: PropertyValue): PropertyValue {
  if (isMarked(value, RESOURCE_REFERENCE)) return (value["id"] || value["urn"]) ?? null;
  return mapInside(value, withoutReferences);
}

/** A copy whose assets have their hash and no content: what diff, read, update and delete are told of old assets. */
export function withoutAssetContents(value: PropertyMap): PropertyMap;
export function withoutAssetContents(value: PropertyValue): PropertyValue;
export function withoutAssetContents(value: PropertyValue): PropertyValue {
  if (isMarked(value, ASSET)) return { [SIGNATURE]: ASSET, hash: value["hash"] ?? "" };
  return mapInside(value, withoutAssetContents);
}

/** Maps what is inside an array or object; returns the very same value where nothing changed. */
function mapInside(value: PropertyValue, map: (value: PropertyValue) => PropertyValue): PropertyValue {
  if (Array.isArray(value)) {
    const mapped = value.map(map);
    return mapped.some((item, index) => item !== value[index]) ? mapped : value;
  }
  if (!isObject(value)) return value;
  let changed: PropertyMap | undefined;
  for (const key of Object.keys(value)) {
    const mapped = map(value[key]!);
    if (mapped !== value[key]) (changed ??= { ...value })[key] = mapped;
  }
  return changed ?? value;
}

/**
 * Marks as secret what came back from a provider in plain text: a value is secret where the value of the same key that
 * was sent contains a secret; plain objects are compared key by key, so that one secret doesn't hide the whole.
 */
export function annotateSecrets(received: PropertyMap, sent: PropertyMap): PropertyMap {
  let annotated: PropertyMap | undefined;
  for (const key of Object.keys(sent)) {
    const out = received[key];
    const original = sent[key]!;
    if (out === undefined) continue;
    let marked: PropertyValue = out;
    if (isPlainObject(out) && isPlainObject(original)) marked = annotateSecrets(out, original);
    else if (!isSecret(out) && containsSecrets(original)) marked = secret(out);
    if (marked !== out) (annotated ??= { ...received })[key] = marked;
  }
  return annotated ?? received;
}

/** Equality as the engine sees it: a null property equals a missing one. */
export function deepEquals(a: PropertyValue | undefined, b: PropertyValue | undefined): boolean {
  if (a === b) return true;
  if (Array.isArray(a) || Array.isArray(b)) {
    return (
      Array.isArray(a) &&
      Array.isArray(b) &&
      a.length === b.length &&
      a.every((item, index) => deepEquals(item, b[index]))
    );
  }
  if (!isObject(a) || !isObject(b)) return (a ?? null) === (b ?? null);
  for (const key of Object.keys(a)) if (!deepEquals(a[key], b[key])) return false;
  for (const key of Object.keys(b)) {
    if (!(key in a) && b[key] !== null) return false;
  }
  return true;
}

/** The top-level keys whose values differ. */
export function changedKeys(a: PropertyMap, b: PropertyMap): string[] {
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].filter((key) => !deepEquals(a[key], b[key]));
}
