import { resourceName } from "../display/resource-name";
import type { ReadJournal } from "./journal-reader";
import type { ResourceState, Snapshot } from "./resource-state";

/** What a run that was cut off left, for the user. */
export function describeCutOff(
  file: string,
  { head, entries, damaged }: ReadJournal,
  snapshot: Snapshot,
): string[] {
  const ended = entries.filter(({ kind }) => kind === "end" || kind === "refresh").length;
  return [
    `The last run (${head.kind}, started ${head.started}, process ${head.pid}) was cut off. ` +
      `${count(ended, "step")} that it had finished ${ended === 1 ? "is" : "are"} kept.`,
    ...(damaged > 0
      ? [
          `The end of its journal, ${count(damaged, "byte")}, is damaged and is left out; the next run that writes keeps a copy as ${damagedCopy(file)}.`,
        ]
      : []),
    ...describePending(snapshot),
  ];
}

/** A line for each, though several runs were cut off at the same resource. */
export function describePending({ pendingOperations }: Snapshot): string[] {
  const lines = pendingOperations.map(
    ({ type, resource }) =>
      `A run was cut off while ${type} ${resourceName(resource.urn)}: whether that was done is not known.`,
  );
  return [...new Set(lines)];
}

/** What was made and deleted between two snapshots: `created Thing a (a-1)`. */
export function describeDifferences(before: Snapshot, after: Snapshot): string[] {
  return [
    ...missingIn(before, after.resources).map((it) => `created ${named(it)}`),
    ...missingIn(after, before.resources).map((it) => `deleted ${named(it)}`),
  ];
}

/** Resources with an ID that a snapshot doesn't have. */
export function missingIn({ resources }: Snapshot, of: readonly ResourceState[]): ResourceState[] {
  const known = new Set(resources.map(keyOf));
  return of.filter((it) => it.id && !it.type.startsWith("pulumi:providers:") && !known.has(keyOf(it)));
}

export const named = ({ urn, id }: ResourceState): string => `${resourceName(urn)} (${id})`;

export const damagedCopy = (journal: string): string => `${journal}.damaged`;

const keyOf = ({ urn, id }: ResourceState): string => `${urn} ${id}`;

const count = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? "" : "s"}`;
