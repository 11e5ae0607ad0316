import type { ResourceState } from "../state/resource-state";
import { createUrn, nameOf, parseProviderReference, qualifiedTypeOf, ROOT_STACK_TYPE } from "../wire/urn";

/**
 * The resources that a refresh leaves, without references to what is gone: parents, dependencies and deletedWith.
 * Expects parents and dependencies first.
 */
export function repairReferences(resources: readonly ResourceState[]): ResourceState[] {
  const present = new Set<string>();
  return resources.map((resource) => {
    const kept = (urns: string[] | undefined): string[] => (urns ?? []).filter((urn) => present.has(urn));
    const { parent, deletedWith } = resource;
    const repaired: ResourceState = {
      ...resource,
      parent: parent && present.has(parent) ? parent : undefined,
      deletedWith: deletedWith && present.has(deletedWith) ? deletedWith : undefined,
      dependencies: kept(resource.dependencies),
      propertyDependencies: Object.fromEntries(
        Object.entries(resource.propertyDependencies ?? {})
          .map(([key, urns]) => [key, kept(urns)] as const)
          .filter(([, urns]) => urns.length > 0),
      ),
    };
    present.add(resource.urn);
    return repaired;
  });
}

/**
 * The resources with each reference to a URN that was an alias turned to the URN that it is now. Aliases go: they have
 * done their work. Expects parents first.
 */
export function followAliases(resources: readonly ResourceState[]): ResourceState[] {
  const now = new Map<string, string>();
  for (const { urn, aliases, parent, type } of resources) {
    for (const alias of aliases ?? []) now.set(alias, urn);
    const moved = parent === undefined ? undefined : now.get(parent);
    if (moved && qualifiedTypeOf(moved) !== ROOT_STACK_TYPE) now.set(urn, movedUnder(moved, urn, type));
  }
  if (now.size === 0) return [...resources];
  const urn = (it: string): string => now.get(it) ?? it;
  return resources.map((resource) => ({
    ...resource,
    urn: urn(resource.urn),
    aliases: undefined,
    parent: resource.parent && urn(resource.parent),
    provider: resource.provider && providerNow(resource.provider, urn),
    deletedWith: resource.deletedWith && urn(resource.deletedWith),
    dependencies: resource.dependencies?.map(urn),
    propertyDependencies: renamed(resource.propertyDependencies, urn),
  }));
}

/** Where any has another URN now, properties that depend on nothing go, as with the Pulumi CLI. */
function renamed(
  dependencies: ResourceState["propertyDependencies"],
  urn: (it: string) => string,
): ResourceState["propertyDependencies"] {
  const some = Object.entries(dependencies ?? {}).filter(([, urns]) => urns.length > 0);
  if (some.every(([, urns]) => urns.every((it) => urn(it) === it))) return dependencies;
  return Object.fromEntries(some.map(([key, urns]) => [key, urns.map(urn)]));
}

/** Where a resource is now whose parent has another URN; one that is registered under its new parent is there already. */
function movedUnder(parent: string, urn: string, type: string): string {
  const [, , stack] = urn.split(":");
  const [, project] = urn.split("::");
  return createUrn({ stack: stack!, project: project!, parent, type, name: nameOf(urn) });
}

function providerNow(reference: string, urn: (it: string) => string): string {
  const provider = parseProviderReference(reference);
  return `${urn(provider.urn)}::${provider.id}`;
}
