import { isSecret } from "../wire/properties";
import type { PropertyMap } from "../wire/property-value";
import { secret, UNKNOWN } from "../wire/property-value";
import { completeInputs } from "./inputs";
import type { Drawn, RandomResource } from "./random-resource";

/** The outputs as the plugin has them in a state, so that it takes the resource up with no change. */
export function stateOf(resource: RandomResource, declared: PropertyMap, drawn: Drawn): PropertyMap {
  return {
    ...completeInputs(resource, declared),
    ...withSecrets(resource, drawn.outputs),
    ...(resource.hasIdOutput !== false && { id: drawn.id }),
    ...meta(resource),
  };
}

function withSecrets({ secrets = [] }: RandomResource, outputs: PropertyMap): PropertyMap {
  const marked = secrets.filter((name) => name in outputs && !isSecret(outputs[name]));
  return { ...outputs, ...Object.fromEntries(marked.map((name) => [name, secret(outputs[name]!)])) };
}

/** What a preview knows of it: the inputs, with defaults. */
export function plannedStateOf(resource: RandomResource, declared: PropertyMap): PropertyMap {
  const unknown = Object.fromEntries(resource.computed.map((property) => [property, UNKNOWN]));
  return {
    ...completeInputs(resource, declared),
    ...unknown,
    ...(resource.hasIdOutput !== false && { id: UNKNOWN }),
  };
}

/** The state with other inputs, and the value that it had. */
export function updatedStateOf(
  resource: RandomResource,
  state: PropertyMap,
  declared: PropertyMap,
): PropertyMap {
  const kept = [...resource.computed, "id"].filter((property) => property in state);
  const value = Object.fromEntries(kept.map((property) => [property, state[property]!]));
  return { ...completeInputs(resource, declared), ...withSecrets(resource, value), ...meta(resource) };
}

/** By this the plugin knows the shape of the state; its mapping of the raw state (`__pulumi_raw_state_delta`) it does without. */
function meta({ schemaVersion }: RandomResource): PropertyMap {
  return schemaVersion ? { __meta: JSON.stringify({ schema_version: String(schemaVersion) }) } : {};
}
