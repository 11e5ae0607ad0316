import type { PendingOperation, ResourceState, Snapshot } from "../state/resource-state";
import { followAliases, repairReferences } from "./references";

/** A resource that an entry speaks of: by its index in the base snapshot, or by the number of the step of this run that put it there. */
export type ResourceRef = { base: number } | { step: number };

/**
 * What a run did, in the order in which it happened. Steps are numbered in the order in which they were planned, so
 * that parents, providers and dependencies have the lower numbers.
 */
export type JournalEntry =
  /** The provider is about to be called. */
  | { kind: "begin"; step: number; operation: PendingOperation["type"]; resource: ResourceState }
  /** The step ended well: what it put there, and what is no longer so. */
  | { kind: "end"; step: number; state?: ResourceState; removes?: ResourceRef[] }
  /** The step failed and left nothing behind. */
  | { kind: "fail"; step: number }
  /** A resource of the base stays as it is, at the place of this step. */
  | { kind: "keep"; step: number; base: number }
  /** Takes the place of a resource, where it stands: outputs of a component, a replaced resource awaiting its deletion. */
  | { kind: "change"; target: ResourceRef; state: ResourceState }
  /** What a refresh found in place of a resource; no state: it is gone. */
  | { kind: "refresh"; base: number; state?: ResourceState };

/**
 * The snapshot that a base and a journal make. New and kept resources come first, in the order of their steps, then
 * those of the base that no step reached, in their old order. Operations that began and didn't end are pending, and so
 * are creations that were pending before, until the same resource is created.
 */
export function fold(base: Snapshot, entries: readonly JournalEntry[]): Snapshot {
  const made = new Map<number, ResourceState>();
  const old: (ResourceState | undefined)[] = [...base.resources];
  const pending = new Map<number, PendingOperation>();
  const created = new Set<string>();
  let refreshed = false;

  const put = (ref: ResourceRef, state: ResourceState | undefined): void => {
    if ("base" in ref) old[ref.base] = state;
    else if (state) made.set(ref.step, state);
    else made.delete(ref.step);
  };

  for (const entry of entries) {
    switch (entry.kind) {
      case "begin":
        pending.set(entry.step, { resource: entry.resource, type: entry.operation });
        break;
      case "end":
        if (entry.state && pending.get(entry.step)?.type === "creating") created.add(entry.state.urn);
        pending.delete(entry.step);
        for (const ref of entry.removes ?? []) put(ref, undefined);
        if (entry.state) made.set(entry.step, entry.state);
        break;
      case "fail":
        pending.delete(entry.step);
        break;
      case "keep":
        made.set(entry.step, old[entry.base] ?? base.resources[entry.base]!);
        old[entry.base] = undefined;
        break;
      case "change":
        put(entry.target, entry.state);
        break;
      case "refresh":
        old[entry.base] = entry.state;
        refreshed = true;
        break;
    }
  }

  const resources = [
    ...[...made.entries()].sort(([a], [b]) => a - b).map(([, state]) => state),
    ...old.filter((state) => state !== undefined),
  ];
  return {
    resources: followAliases(refreshed ? repairReferences(resources) : resources),
    pendingOperations: [
      ...pending.values(),
      ...base.pendingOperations.filter((it) => it.type === "creating" && !created.has(it.resource.urn)),
    ],
  };
}
