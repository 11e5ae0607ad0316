import { UNKNOWN } from "../wire/property-value";
import type { PropertyMap } from "../wire/property-value";
import type { ResourceState } from "../state/resource-state";
import { providerUrn } from "../wire/urn";
import { existing } from "./apply-step";
import type { Base } from "./base";
import { compareInputs, replacingOnChanges } from "./diff";
import type { ProviderRegistry } from "./provider-registry";
import type { OldResource } from "./step";

export interface Dependent {
  resource: OldResource;
  /** The properties whose change replaces it. */
  keys: string[];
}

/** What depends on what in the base. */
export class Dependents {
  private index: Map<string, number[]> | undefined;

  constructor(
    private readonly base: Base,
    private readonly providers: ProviderRegistry,
  ) {}

  /**
   * What has to be deleted before a resource is, and made again after it: whatever depends on it and would be replaced
   * by its change. Dependencies come before their dependents. What `decided` knows doesn't depend on it any more.
   */
  async replacedWith(root: OldResource, decided: (urn: string) => boolean): Promise<Dependent[]> {
    const replaced = new Set([root.state.urn]);
    const dependents: Dependent[] = [];
    for (const resource of this.of(root, decided)) {
      const keys = await this.replacementKeys(resource.state, replaced);
      if (!keys) continue;
      dependents.push({ resource, keys });
      replaced.add(resource.state.urn);
    }
    return dependents;
  }

  /** All that depends on a resource, directly or not, in the base's order. */
  private of(root: OldResource, ignored: (urn: string) => boolean): OldResource[] {
    const byUrn = (this.index ??= this.build());
    const found = new Set<number>();
    const queue = [root.state.urn];
    for (let urn = queue.pop(); urn !== undefined; urn = queue.pop()) {
      for (const at of byUrn.get(urn) ?? []) {
        const candidate = this.base.resources[at]!;
        if (found.has(at) || candidate === root || ignored(candidate.state.urn)) continue;
        found.add(at);
        queue.push(candidate.state.urn);
      }
    }
    return [...found].sort((a, b) => a - b).map((at) => this.base.resources[at]!);
  }

  private build(): Map<string, number[]> {
    const index = new Map<string, number[]>();
    this.base.resources.forEach(({ state }, at) => {
      for (const urn of dependenciesOf(state)) {
        const dependents = index.get(urn);
        if (dependents) dependents.push(at);
        else index.set(urn, [at]);
      }
    });
    return index;
  }

  /** The keys that replace it (perhaps none to name); undefined where it isn't replaced. */
  private async replacementKeys(state: ResourceState, replaced: Set<string>): Promise<string[] | undefined> {
    if (!state.custom || state.external) return undefined;
    if (state.provider && replaced.has(providerUrn(state.provider))) return [];
    if (state.deletedWith && replaced.has(state.deletedWith)) return [];
    const inputs: PropertyMap = { ...state.inputs };
    const changing = Object.keys(inputs).filter((key) =>
      state.propertyDependencies?.[key]?.some((urn) => replaced.has(urn)),
    );
    if (changing.length === 0 || !state.provider) return undefined;
    for (const key of changing) inputs[key] = UNKNOWN;
    const provider = await this.providers.get(state.provider);
    const asked = await provider.diff(existing(state), inputs, state.ignoreChanges ?? []);
    if (!asked) return undefined;
    const diff =
      asked.changes === "unknown"
        ? { ...compareInputs(state.inputs ?? {}, inputs), replaces: asked.replaces }
        : asked;
    const { replaces } = replacingOnChanges(diff, state.replaceOnChanges ?? [], false);
    return replaces.length > 0 ? replaces : undefined;
  }
}

/** The URNs that a resource can't outlive or be made before; its parent isn't among them. */
export function dependenciesOf(state: ResourceState): Set<string> {
  const urns = new Set(state.dependencies);
  for (const more of Object.values(state.propertyDependencies ?? {})) more.forEach((urn) => urns.add(urn));
  if (state.deletedWith) urns.add(state.deletedWith);
  if (state.provider) urns.add(providerUrn(state.provider));
  return urns;
}
