import type { StepOp, StepView } from "../display/events";
import type { DiffResult } from "../plugins/provider-results";
import type { ResourceState } from "../state/resource-state";
import { deepEquals } from "../wire/properties";
import { isProviderType } from "../wire/urn";
import { existing, markSecretOutputs } from "./apply-step";
import type { Deployment } from "./deployment";
import { compareInputs } from "./diff";
import type { Provider } from "./provider";
import type { OldResource } from "./step";

/** Reads every resource of the state, and puts what was found in its place; a resource that is gone leaves the state. */
export async function refreshState(deployment: Deployment): Promise<void> {
  await Promise.all(deployment.base.resources.map((resource) => refreshResource(deployment, resource)));
}

async function refreshResource(deployment: Deployment, resource: OldResource): Promise<void> {
  const { executor } = deployment;
  const old = resource.state;
  const view: StepView = { op: "refresh", urn: old.urn, type: old.type, old, new: old };
  if (!old.custom || isProviderType(old.type) || old.pendingReplacement) {
    await executor.attempt(view, async () => {
      executor.record({ kind: "refresh", base: baseIndex(resource), state: old });
      return { ...view, op: "same" };
    });
    return;
  }
  await executor.attempt(view, async () => {
    const provider = await deployment.providers.get(old.provider!);
    const found = await provider.read(existing(old));
    if (found.initErrors) {
      deployment.reporter.warn(old.urn, ["It exists, but isn't healthy:", ...found.initErrors].join("\n- "));
    }
    if (found.id === "") {
      executor.record({ kind: "refresh", base: baseIndex(resource) });
      return { ...view, op: "delete", new: undefined };
    }
    const state: ResourceState = {
      ...old,
      id: found.id,
      inputs: found.inputs ?? old.inputs,
      outputs: found.outputs ?? {},
      initErrors: found.initErrors,
    };
    markSecretOutputs(state);
    const same = deepEquals(state.inputs, old.inputs) && deepEquals(state.outputs, old.outputs);
    if (!same) state.modified = new Date().toISOString();
    executor.record({ kind: "refresh", base: baseIndex(resource), state });
    const diff = old.external ? undefined : await diffAgainstProgram(provider, old, state);
    const op: StepOp = (diff ? diff.changes === "some" : !deepEquals(state.outputs, old.outputs))
      ? "update"
      : "same";
    return { ...view, op, new: state, changed: diff?.changed };
  });
}

/** What the next `up` would change back: roles are swapped, for what was found is what there was before. */
async function diffAgainstProgram(
  provider: Pick<Provider, "diff">,
  old: ResourceState,
  found: ResourceState,
): Promise<DiffResult | undefined> {
  const inputs = old.inputs ?? {};
  const diff = await provider.diff(existing(found), inputs, old.ignoreChanges ?? []);
  return diff?.changes === "unknown" ? compareInputs(found.inputs ?? {}, inputs) : diff;
}

function baseIndex({ ref }: OldResource): number {
  if (!("base" in ref)) throw new Error("a refresh works on the base");
  return ref.base;
}
