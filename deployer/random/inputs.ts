import type { PropertyMap, PropertyValue } from "../wire/property-value";
import { UNKNOWN } from "../wire/property-value";
import type { Failure, InputSpec, RandomResource } from "./random-resource";

/** What is wrong with what a program declares. */
export function checkInputs(resource: RandomResource, declared: PropertyMap, old: PropertyMap): Failure[] {
  const failures: Failure[] = [];
  const known: PropertyMap = {};
  for (const [property, spec] of Object.entries(resource.inputs)) {
    const value = declared[property] ?? undefined;
    if (value === UNKNOWN) continue;
    const reason = value === undefined ? missing(spec) : wrong(spec, value);
    if (reason) failures.push({ property, reason: `${property} ${reason}` });
    else if (value !== undefined) known[property] = coerce(spec, value) ?? value;
  }
  failures.push(...refuseNewSeed(resource, known, old));
  return failures.length > 0 ? failures : (resource.check?.(known) ?? []);
}

function missing(spec: InputSpec): string | undefined {
  return spec.required ? "is missing" : undefined;
}

function wrong(spec: InputSpec, value: PropertyValue): string | undefined {
  const coerced = coerce(spec, value);
  if (coerced === undefined) return `must be ${EXPECTED[spec.type]}`;
  if (spec.minimum !== undefined && (coerced as number) < spec.minimum)
    return `must be at least ${spec.minimum}, and is ${value as number}`;
  return undefined;
}

/**
 * A seed fixes the value by the plugin's own generator, which isn't rebuilt here: another value for the same seed
 * would be a guess. A value that was drawn from it already stays.
 */
function refuseNewSeed({ name }: RandomResource, known: PropertyMap, old: PropertyMap): Failure[] {
  if (!known.seed || known.seed === old.seed) return [];
  const reason =
    `the built-in random provider can't draw what ${name} draws from a seed in Pulumi's random plugin: ` +
    "leave out seed, or install the plugin";
  return [{ property: "seed", reason }];
}

/** The inputs as the state has them: of their types, with defaults; a null or empty one that says nothing is left out. */
export function completeInputs(resource: RandomResource, declared: PropertyMap): PropertyMap {
  const complete: PropertyMap = {};
  for (const [property, spec] of Object.entries(resource.inputs)) {
    const value = declared[property] ?? spec.default;
    if (value === undefined || (spec.emptyIsNone && value === "")) continue;
    complete[property] = value === UNKNOWN ? value : (coerce(spec, value) ?? value);
  }
  return resource.derive?.(complete) ?? complete;
}

const EXPECTED: Record<InputSpec["type"], string> = {
  integer: "a whole number",
  boolean: "true or false",
  string: "a string",
  strings: "a list of strings",
  stringMap: "a map of strings",
};

/** Numbers may come as strings, and strings as numbers and booleans, as in Pulumi; undefined where a value is of another type. */
function coerce(spec: InputSpec, value: PropertyValue): PropertyValue | undefined {
  switch (spec.type) {
    case "integer": {
      const number = typeof value === "string" && /^-?[\d.e]+$/i.test(value) ? Number(value) : value;
      return Number.isSafeInteger(number) ? number : undefined;
    }
    case "boolean":
      return typeof value === "boolean" ? value : undefined;
    case "string":
      return text(value);
    case "strings": {
      const items = Array.isArray(value) ? value.map(text) : [undefined];
      return items.includes(undefined) ? undefined : (items as string[]);
    }
    case "stringMap": {
      if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
      const entries = Object.entries(value).map(([key, item]) => [key, item === null ? null : text(item)]);
      return entries.some(([, item]) => item === undefined) ? undefined : Object.fromEntries(entries);
    }
  }
}

function text(value: PropertyValue): string | undefined {
  return typeof value === "object" ? undefined : String(value);
}
