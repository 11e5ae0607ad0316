import { UserError } from "../user-error";
import type { ResourceState, Snapshot } from "./resource-state";

/**
 * Throws unless every resource's parent, provider and dependencies stand before it, and URNs are unique among those
 * not waiting for their deletion: what the CLI demands of a state, and what an order of deletion is derived from.
 */
export function checkIntegrity(snapshot: Snapshot, of: string): void {
  const broken = findBroken(snapshot.resources);
  if (broken) throw new UserError(`The integrity of ${of} is broken: ${broken}.`);
}

function findBroken(resources: readonly ResourceState[]): string | undefined {
  const urns = new Set<string>();
  const live = new Set<string>();
  const providers = new Set<string>();
  const all = new Set(resources.map(({ urn }) => urn));
  for (const resource of resources) {
    const { urn } = resource;
    if (!resource.custom && resource.id) return `${urn} is no custom resource and yet has an ID`;
    if (resource.type.startsWith("pulumi:providers:")) providers.add(`${urn}::${resource.id}`);
    if (resource.provider && !providers.has(resource.provider) && !resource.pendingReplacement) {
      return `${urn} refers to a provider that doesn't stand before it, ${resource.provider}`;
    }
    for (const [role, other] of references(resource)) {
      if (!urns.has(other)) {
        return `${urn} has a ${role} that ${all.has(other) ? "comes after it" : "is missing"}, ${other}`;
      }
    }
    if (!resource.delete) {
      if (live.has(urn)) return `${urn} stands twice`;
      live.add(urn);
    }
    urns.add(urn);
  }
  return undefined;
}

function* references(resource: ResourceState): Generator<[role: string, urn: string]> {
  if (resource.parent) yield ["parent", resource.parent];
  for (const urn of resource.dependencies ?? []) yield ["dependency", urn];
  for (const [property, urns] of Object.entries(resource.propertyDependencies ?? {})) {
    for (const urn of urns) yield [`dependency (of ${property})`, urn];
  }
  if (resource.deletedWith) yield ["deletedWith", resource.deletedWith];
}
