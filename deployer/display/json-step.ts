import type { ResourceState } from "../state/resource-state";
import type { PropertyMap, PropertyValue } from "../wire/property-value";
import { SECRET, SIGNATURE } from "../wire/property-value";
import type { StepView } from "./events";
import { diffResource } from "./property-diff";

export type JsonObject = Record<string, unknown>;

/** A step as the CLI's engine events have it, `StepEventMetadata`; `found` is what a refresh tells. */
export function stepMetadata(step: StepView, { found = false } = {}): JsonObject {
  const { op, urn, type, old, new: now } = step;
  return {
    op,
    urn,
    type,
    old: old ? stateOf(old) : null,
    new: now ? stateOf(now) : null,
    ...(step.replaces?.length ? { keys: step.replaces } : {}),
    ...(step.changed?.length ? { diffs: step.changed } : {}),
    detailedDiff: old && now && op !== "same" && op !== "refresh" ? detailedDiff(step) : null,
    ...(found || PHYSICAL.has(op) ? {} : { logical: true }),
    provider: now?.provider ?? old?.provider ?? "",
  };
}

/** Halves of another step; the others are what a program asked for. */
const PHYSICAL = new Set<StepView["op"]>([
  "create-replacement",
  "delete-replaced",
  "discard-replaced",
  "remove-pending-replace",
]);

function stateOf(state: ResourceState): JsonObject {
  const { type, urn, custom, id, parent, provider, protect, external, retainOnDelete, initErrors } = state;
  return {
    type,
    urn,
    ...(custom ? { custom } : {}),
    ...(state.delete ? { delete: true } : {}),
    id: id ?? "",
    parent: parent ?? "",
    ...(protect ? { protect } : {}),
    ...(external ? { external } : {}),
    ...(retainOnDelete ? { retainOnDelete } : {}),
    inputs: blinded(state.inputs ?? {}),
    outputs: blinded(state.outputs ?? {}),
    provider: provider ?? "",
    ...(initErrors?.length ? { initErrors } : {}),
  };
}

/** Properties with the CLI's stand-in for each secret. */
function blinded(value: PropertyValue): PropertyValue {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(blinded);
  if (value[SIGNATURE] === SECRET) return { [SIGNATURE]: SECRET, ciphertext: "[secret]" };
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, blinded(item)])) as PropertyMap;
}

function detailedDiff(step: StepView): JsonObject {
  const { replaces = [] } = step;
  return Object.fromEntries(
    diffResource(step, "inputs").map(({ path, kind }) => {
      const replacing = replaces.includes(path.split(/[.[]/)[0]!);
      return [path, { diffKind: replacing ? `${kind}-replace` : kind, inputDiff: true }];
    }),
  );
}
