import { resourceName } from "../display/resource-name";
import type { ReadJournal } from "./journal-file";
import type { Snapshot } from "./resource-state";

/** What a run that was cut off left, for the user. */
export function describeCutOff({ head, entries }: ReadJournal, snapshot: Snapshot): string[] {
  const ended = entries.filter(
    ({ kind }) => kind === "end" || kind === "change" || kind === "refresh",
  ).length;
  return [
    `The last run (${head.kind}, started ${head.started}, process ${head.pid}) was cut off. ` +
      `${count(ended, "step")} that it had finished ${ended === 1 ? "is" : "are"} kept.`,
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

const count = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? "" : "s"}`;
