import type { ResourceState } from "../state/resource-state";

/**
 * Takes out references to resources that a refresh found gone: dependencies and deletedWith go, a lost parent gives
 * way to its own parent, as it was `before`. Expects parents and dependencies first.
 */
export function repairReferences(
  resources: readonly ResourceState[],
  before: readonly ResourceState[],
): ResourceState[] {
  const present = new Set<string>();
  const parentOf = new Map(before.map((resource) => [resource.urn, resource.parent]));
  return resources.map((resource) => {
    let parent = resource.parent;
    while (parent !== undefined && !present.has(parent)) parent = parentOf.get(parent);
    const repaired = dangles(resource, present) ? withoutDangling(resource, present, parent) : resource;
    present.add(resource.urn);
    return repaired;
  });
}

function dangles(resource: ResourceState, present: Set<string>): boolean {
  const lost = (urn: string): boolean => !present.has(urn);
  return (
    (resource.parent !== undefined && lost(resource.parent)) ||
    (resource.deletedWith !== undefined && lost(resource.deletedWith)) ||
    (resource.dependencies ?? []).some(lost) ||
    Object.values(resource.propertyDependencies ?? {}).some((urns) => urns.some(lost))
  );
}

function withoutDangling(resource: ResourceState, present: Set<string>, parent?: string): ResourceState {
  const kept = (urns: string[] | undefined): string[] => (urns ?? []).filter((urn) => present.has(urn));
  return {
    ...resource,
    parent,
    deletedWith: resource.deletedWith && present.has(resource.deletedWith) ? resource.deletedWith : undefined,
    dependencies: kept(resource.dependencies),
    propertyDependencies: Object.fromEntries(
      Object.entries(resource.propertyDependencies ?? {})
        .map(([key, urns]) => [key, kept(urns)] as const)
        .filter(([, urns]) => urns.length > 0),
    ),
  };
}
