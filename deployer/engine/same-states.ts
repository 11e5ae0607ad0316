import { isDeepStrictEqual } from "node:util";
import type { ResourceState } from "../state/resource-state";
import { deepEquals } from "../wire/properties";

/** Whether two states are one in everything that the state file shows. */
export function sameStates(a: ResourceState, b: ResourceState): boolean {
  const { inputs: aInputs, outputs: aOutputs, dependencies: aDependencies, ...aRest } = a;
  const { inputs: bInputs, outputs: bOutputs, dependencies: bDependencies, ...bRest } = b;
  return (
    isDeepStrictEqual(withoutEmpty(aRest), withoutEmpty(bRest)) &&
    isDeepStrictEqual(new Set(aDependencies), new Set(bDependencies)) &&
    deepEquals(aInputs, bInputs) &&
    deepEquals(aOutputs, bOutputs)
  );
}

function withoutEmpty(state: object): object {
  return Object.fromEntries(
    Object.entries(state).filter(([, value]) => value && (!Array.isArray(value) || value.length > 0)),
  );
}
