import type { ResourceState } from "../state/resource-state";
import type { Reading, Registration } from "./registration";

/** What the program wants a resource to be, of which its step fills in the rest. `alias` is the URN that it had. */
export function registeredState(
  registration: Registration,
  identity: { urn: string; provider: string; alias?: string },
  old: ResourceState | undefined,
): ResourceState {
  const { urn, provider, alias } = identity;
  return {
    urn,
    custom: registration.custom,
    type: registration.type,
    parent: registration.parent || undefined,
    inputs: registration.inputs,
    provider: provider || undefined,
    dependencies: registration.dependencies,
    propertyDependencies: registration.propertyDependencies,
    protect: registration.protect || undefined,
    retainOnDelete: registration.retainOnDelete || undefined,
    deletedWith: registration.deletedWith || undefined,
    additionalSecretOutputs: registration.additionalSecretOutputs,
    aliases: alias ? [alias] : undefined,
    ignoreChanges: registration.ignoreChanges,
    replaceOnChanges: registration.replaceOnChanges,
    customTimeouts: registration.customTimeouts,
    created: old?.created,
    modified: old?.modified,
    sourcePosition: registration.sourcePosition,
    stackTrace: registration.stackTrace,
  };
}

/** A resource that the program only looks at. */
export function readState(reading: Reading, urn: string, provider: string): ResourceState {
  return {
    urn,
    custom: true,
    type: reading.type,
    id: reading.id,
    parent: reading.parent || undefined,
    inputs: reading.inputs,
    outputs: {},
    provider,
    dependencies: reading.dependencies,
    external: true,
    additionalSecretOutputs: reading.additionalSecretOutputs,
    sourcePosition: reading.sourcePosition,
    stackTrace: reading.stackTrace,
  };
}
