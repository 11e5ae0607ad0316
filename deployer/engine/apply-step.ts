import type { Existing } from "../plugins/provider-results";
import type { ResourceState } from "../state/resource-state";
import { deepEquals, isSecret } from "../wire/properties";
import type { PropertyMap } from "../wire/property-value";
import { secret, UNKNOWN } from "../wire/property-value";
import type { Step } from "./step";

/**
 * Does a step, and fills in what it makes. Returns why a resource that does exist hasn't come up, where that is so.
 *
 * @throws Error where nothing was made, or nothing ended.
 */
export async function applyStep(step: Step, preview: boolean): Promise<string | undefined> {
  let initErrors: string[] | undefined;
  switch (step.op) {
    case "same":
      step.new!.id = step.old!.state.id;
      step.new!.outputs = step.old!.state.outputs;
      await step.provider?.same?.(step.urn, step.old!.state.id!, step.old!.state.inputs ?? {});
      break;
    case "create":
    case "create-replacement":
      initErrors = await create(step, preview);
      break;
    case "update":
      initErrors = await update(step, preview);
      break;
    case "read":
      initErrors = await read(step);
      break;
    case "delete":
    case "delete-replaced":
    case "discard-replaced":
      await remove(step, preview);
      break;
    default:
      return undefined;
  }
  if (step.new) markSecretOutputs(step.new);
  if (!initErrors) return undefined;
  // An update that failed half-way has made new outputs, but not what the new inputs ask for.
  if (step.op === "update") step.new!.inputs = step.old!.state.inputs;
  return initErrors.length > 0 ? initErrors.join("\n") : "It exists, but didn't come up.";
}

async function create(step: Step, preview: boolean): Promise<string[] | undefined> {
  const state = step.new!;
  const result = step.provider
    ? await step.provider.create(state.urn, state.inputs!, {
        preview,
        timeout: state.customTimeouts?.create,
      })
    : { id: "", outputs: {} };
  state.id = result.id || undefined;
  state.outputs = result.outputs;
  state.initErrors = result.initErrors;
  state.created = state.modified = now();
  if (step.deletesOldLater) step.old!.state = { ...step.old!.state, delete: true };
  return result.initErrors;
}

async function update(step: Step, preview: boolean): Promise<string[] | undefined> {
  const state = step.new!;
  const old = step.old!.state;
  state.id = old.id;
  if (!step.provider) {
    state.outputs = old.outputs;
    return undefined;
  }
  const result = await step.provider.update({ ...existing(old), urn: state.urn }, state.inputs!, {
    preview,
    timeout: state.customTimeouts?.update,
    ignoreChanges: step.ignoreChanges ?? [],
  });
  state.outputs = result.outputs;
  state.initErrors = result.initErrors;
  state.modified = now();
  return result.initErrors;
}

async function read(step: Step): Promise<string[] | undefined> {
  const state = step.new!;
  const old = step.old?.state;
  let initErrors: string[] | undefined;
  if (state.id === UNKNOWN) {
    state.outputs = {};
  } else {
    const inputs = state.inputs ?? {};
    const result = await step.provider!.read({ urn: state.urn, id: state.id!, inputs, outputs: inputs });
    if (!result.outputs)
      throw new Error(`No resource has the ID "${state.id}": it was deleted, or the ID is wrong.`);
    state.outputs = result.outputs;
    if (result.id) state.id = result.id;
    state.initErrors = initErrors = result.initErrors;
  }
  if (old) {
    if (step.deletesOldLater) step.old!.state = { ...old, delete: true };
    state.created = old.created;
    const unchanged = deepEquals(state.inputs, old.inputs) && deepEquals(state.outputs, old.outputs);
    state.modified = unchanged ? old.modified : now();
  }
  return initErrors;
}

async function remove(step: Step, preview: boolean): Promise<void> {
  const old = step.old!.state;
  if (!preview && step.provider) await step.provider.delete(existing(old), old.customTimeouts?.delete);
  if (step.replacedAfterwards) step.old!.state = { ...old, pendingReplacement: true };
}

export function existing(state: ResourceState): Existing {
  return { urn: state.urn, id: state.id ?? "", inputs: state.inputs ?? {}, outputs: state.outputs ?? {} };
}

/** Outputs are secret where the program says so, or where the input of the same name is. */
export function markSecretOutputs(state: ResourceState): void {
  const inputs = state.inputs ?? {};
  const outputs = state.outputs;
  if (!outputs) return;
  let marked: PropertyMap | undefined;
  for (const key of [
    ...(state.additionalSecretOutputs ?? []),
    ...Object.keys(inputs).filter((it) => isSecret(inputs[it])),
  ]) {
    const output = outputs[key];
    if (key !== "id" && output !== undefined && !isSecret(output)) {
      (marked ??= { ...outputs })[key] = secret(output);
    }
  }
  if (marked) state.outputs = marked;
}

function now(): string {
  return new Date().toISOString();
}
