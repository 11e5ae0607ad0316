import { UNKNOWN } from "../engine/requests";
import type { Maybe } from "../engine/requests";
import type { Properties } from "./lifecycle";

/** Pulumi's stand-in for a value that isn't known yet, whatever its type. */
export const SENTINEL = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

export function isUnknown(value: unknown): boolean {
  return value === SENTINEL;
}

export function containsUnknown(value: unknown): boolean {
  if (typeof value === "object" && value !== null) return Object.values(value).some(containsUnknown);
  return isUnknown(value);
}

/** Inputs of type `T` of which any value, at any depth, may be unknown. */
export type Known<T> = T extends readonly (infer Item)[]
  ? Maybe<Known<Item>>[]
  : T extends object
    ? { [Key in keyof T]: Maybe<Known<NonNullable<T[Key]>>> | Extract<T[Key], undefined> }
    : T;

/** The same value with `UNKNOWN` for every sentinel in it; itself where there is none. */
export function fromWire(value: unknown): unknown {
  if (isUnknown(value)) return UNKNOWN;
  if (typeof value !== "object" || value === null) return value;
  if (!containsUnknown(value)) return value;
  if (Array.isArray(value)) return value.map(fromWire);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fromWire(item)]));
}

/** An argument that is null is one that isn't given. */
export function given(inputs: Properties): Properties {
  const result: Properties = {};
  for (const key of Object.keys(inputs)) {
    const value = inputs[key];
    if (value !== null && value !== undefined) result[key] = value;
  }
  return result;
}

/** Name of the resource that a URN declares. */
export function nameOfUrn(urn: string): string {
  return urn.split("::").slice(3).join("::");
}
