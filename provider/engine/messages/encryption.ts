import type { MasterKey } from "../keys/key-service";
import type { Violation } from "../violation";
import { capital, violation } from "./words";

export function noMasterKey(property: string, id: string): Violation {
  return violation(
    property,
    `There is no master key ${id}.`,
    "See which there are: images keys list. One whose files were lost comes back from a backup of the region's folder keys/.",
  );
}

export function masterKeyDeleted(property: string, id: string, deletedAt: string | undefined): Violation {
  return violation(
    property,
    `Master key ${id} was deleted${deletedAt === undefined ? "" : ` at ${deletedAt}`}; what was sealed under it can't be read again.`,
    "Take another key (images keys list), or make one (images keys create).",
  );
}

/** `key` is disabled or scheduled for deletion. `of`: what is sealed under it, where it isn't the key asked for. */
export function masterKeyUnusable(property: string, key: MasterKey, of?: string): Violation {
  const { id, name, state, deletedAt } = key;
  const what =
    of === undefined
      ? `Master key ${name} (${id})`
      : `${capital(of)} is sealed under master key ${name} (${id}), which`;
  return state === "pendingDeletion"
    ? violation(
        property,
        `${what} is scheduled for deletion at ${deletedAt}.`,
        `Take it back: images keys restore ${id}.`,
      )
    : violation(property, `${what} is disabled.`, `Enable it: images keys enable ${id}.`);
}

export function badDeletionDays(days: number, shortest: number, longest: number): Violation {
  return violation(
    "days",
    `A master key can be deleted in ${shortest} to ${longest} days, and ${days} is asked for. State a whole number of days between.`,
  );
}
