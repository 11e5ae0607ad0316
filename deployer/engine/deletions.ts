import type { Base } from "./base";
import { dependenciesOf } from "./dependents";
import type { Executor } from "./executor";
import { Stopped } from "./executor";
import type { Planner } from "./planner";
import type { OldResource, Step } from "./step";

/**
 * The deletions at the end of a run: what replacements have left, and what the program doesn't have any more.
 * Protected resources among the latter are returned apart: nothing may delete them.
 */
export async function planDeletions(
  base: Base,
  planner: Planner,
): Promise<{ steps: Step[]; protectedResources: OldResource[] }> {
  const doomed: { op: Step["op"]; resource: OldResource }[] = [];
  const protectedResources: OldResource[] = [];
  for (const resource of base.resources) {
    const { state } = resource;
    if (state.delete) {
      if (!planner.deletions.resources.has(resource)) doomed.push({ op: "delete-replaced", resource });
    } else if (planner.reaches(state.urn)) continue;
    // By this run, before what it depends on was replaced, or by an earlier one.
    else if (state.pendingReplacement) doomed.push({ op: "remove-pending-replace", resource });
    else if (state.protect) protectedResources.push(resource);
    else doomed.push({ op: "delete", resource });
  }
  for (const { resource } of doomed) planner.deletions.urns.add(resource.state.urn);
  const kept = neededBy(protectedResources, base);
  const steps: Step[] = [];
  for (const { op, resource } of doomed) {
    if (!kept.has(resource.state.urn)) steps.push(await planner.deletions.step(op, resource));
  }
  return { steps, protectedResources };
}

/** What stands as long as a protected resource does: its parents, its provider, and what it depends on. */
function neededBy(resources: OldResource[], base: Base): Set<string> {
  const needed = new Set<string>();
  const queue = resources.map(({ state }) => state);
  for (let state = queue.pop(); state; state = queue.pop()) {
    for (const urn of [...dependenciesOf(state), ...(state.parent ? [state.parent] : [])]) {
      if (needed.has(urn)) continue;
      needed.add(urn);
      const found = base.find(urn);
      if (found) queue.push(found.state);
    }
  }
  return needed;
}

/** Deletes each resource after all that depends on it, and otherwise as many at the same time as the executor allows. */
export async function runDeletions(steps: Step[], executor: Executor): Promise<void> {
  const byUrn = new Map<string, number[]>();
  steps.forEach(({ urn }, at) => byUrn.set(urn, [...(byUrn.get(urn) ?? []), at]));
  const blockers = steps.map(() => 0);
  const dependencies = steps.map(({ old }, at) => {
    const { parent } = old!.state;
    const urns = [...dependenciesOf(old!.state), ...(parent ? [parent] : [])];
    const found = new Set(urns.flatMap((urn) => byUrn.get(urn) ?? []).filter((it) => it < at));
    for (const dependency of found) blockers[dependency]!++;
    return found;
  });

  const remove = async (at: number): Promise<void> => {
    try {
      await executor.run([steps[at]!]);
    } catch (error) {
      if (error instanceof Stopped) return;
      throw error;
    }
    const freed = [...dependencies[at]!].filter((it) => --blockers[it]! === 0);
    await Promise.all(freed.map(remove));
  };
  const first = steps.map((_, at) => at).filter((at) => blockers[at] === 0);
  await Promise.all(first.map(remove));
}
