import { containsUnknown, isUnknown } from "./inputs";
import type { Difference, Properties } from "./lifecycle";
import type { AnyRecord, ResourceKind } from "./resource-kind";

export type Comparison = Pick<
  ResourceKind<never, never, object, AnyRecord>,
  "arguments" | "defaults" | "inPlace" | "resolved" | "restores" | "sources"
>;

/** Says nothing of the resource: it is recorded, or only of use while it is being made or changed. */
const UNCOMPARED = new Set(["adoptId", "architecture", "timeouts"]);

/**
 * What has to change to make `olds` (outputs) what `news` (checked inputs) says. An unknown value may be any: it
 * replaces where a known change of it would.
 */
export function difference(id: string, olds: Properties, news: Properties, of: Comparison): Difference {
  const replaces: string[] = [];
  let changes = of.restores?.(olds) ?? false;
  for (const argument of of.arguments.names) {
    if (UNCOMPARED.has(argument)) continue;
    const stated = news[argument];
    // What isn't stated of a resource that is taken over stays as it is.
    const stays =
      news.adoptId !== undefined || of.resolved.includes(argument) || of.sources.includes(argument);
    if (stated === undefined && stays) continue;
    const [was, is] = [olds[argument] ?? of.defaults[argument], stated ?? of.defaults[argument]];
    if (!containsUnknown(is) && same(was, is)) continue;
    changes = true;
    if (!of.inPlace.includes(argument)) replaces.push(argument);
  }
  if (news.adoptId !== undefined && news.adoptId !== id && !isUnknown(news.adoptId)) {
    changes = true;
    replaces.push("adoptId");
  }
  return { changes, replaces, deleteBeforeReplace: replaces.length > 0 && news.deleteBeforeReplace === true };
}

/** Equal as JSON: a key that is undefined is one that isn't there, the order of keys says nothing. */
export function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || !a || !b) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const [left, right] = [a as Properties, b as Properties];
  for (const key of Object.keys(left)) if (!same(left[key], right[key])) return false;
  for (const key of Object.keys(right)) if (right[key] !== undefined && left[key] === undefined) return false;
  return true;
}
