import { isDeepStrictEqual } from "node:util";
import type { History, Step } from "./model";
import type { Outcome } from "./play";

export interface Difference {
  /** What is different, a line a thing; empty: nothing. */
  found: string[];
  /** So many steps came out alike; after one in which chance decided they can't be compared. */
  alike: number;
}

/** How two plays of one history differ. */
export function difference(
  { steps }: History,
  ours: readonly Outcome[],
  theirs: readonly Outcome[],
): Difference {
  let [mine, other]: Pair = [[], []];
  for (const [at, step] of steps.entries()) {
    [mine, other] = [resourcesOf(ours[at]!, mine), resourcesOf(theirs[at]!, other)];
    const [one, two] = [
      { ...ours[at], resources: mine },
      { ...theirs[at], resources: other },
    ];
    const found = compare(one, two, `step ${at + 1}`);
    if (found.length === 0) continue;
    const failed = !ours[at]!.succeeded && !theirs[at]!.succeeded;
    return { found: failed && isChance(step, [mine, other]) ? [] : found, alike: at };
  }
  return { found: [], alike: steps.length };
}

/** Of one play and of the other. */
type Pair = [unknown[], unknown[]];

function resourcesOf({ resources }: Outcome, before: unknown[]): unknown[] {
  return typeof resources === "string" ? before : resources;
}

/** Where a deletion fails, the Pulumi CLI leaves it to chance which others are done before it: what stays is the same. */
function isChance({ faults }: Step, [ours, theirs]: Pair): boolean {
  if (!Object.values(faults).some((fault) => fault.delete)) return false;
  const [mine, other] = [byUrn(ours), byUrn(theirs)];
  return Object.keys(mine).every(
    (urn) => !(urn in other) || Array.isArray(mine[urn]) || isDeepStrictEqual(mine[urn], other[urn]),
  );
}

/** What `one` has and `other` has, at the deepest place at which they differ. */
function compare(one: unknown, other: unknown, path: string): string[] {
  if (isDeepStrictEqual(one, other)) return [];
  if (isMap(one) && isMap(other)) {
    const keys = [...new Set([...Object.keys(one), ...Object.keys(other)])].filter((key) => key !== "text");
    return keys.flatMap((key) => compare(one[key], other[key], `${path}.${key}`));
  }
  if (Array.isArray(one) && Array.isArray(other) && path.endsWith(".resources")) {
    return compare(byUrn(one), byUrn(other), path);
  }
  return [`${path}: ${JSON.stringify(one)}\n${" ".repeat(8)}pulumi: ${JSON.stringify(other)}`];
}

/** Resources by their URN, so that one that is there once only isn't compared with its neighbour. */
function byUrn(resources: unknown[]): Record<string, unknown> {
  const found: Record<string, unknown[]> = {};
  for (const resource of resources) (found[(resource as { urn: string }).urn] ??= []).push(resource);
  return Object.fromEntries(
    Object.entries(found).map(([urn, all]) => [urn, all.length === 1 ? all[0] : all]),
  );
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
