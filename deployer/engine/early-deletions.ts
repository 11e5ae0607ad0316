import { UserError } from "../user-error";
import { isProviderType } from "../wire/urn";
import type { Dependents } from "./dependents";
import type { ProviderRegistry } from "./provider-registry";
import type { OldResource, Step } from "./step";

export interface EarlyDeletionsOptions {
  preview: boolean;
  providers: ProviderRegistry;
  dependents: Dependents;
  nextNumber(): number;
}

/** What a run deletes while the program still runs: what is deleted before its replacement, and what depends on that. */
export class EarlyDeletions {
  /** Old resources that steps of this run delete already. */
  readonly resources = new Set<OldResource>();
  readonly urns = new Set<string>();
  private readonly keys = new Map<string, string[]>();

  constructor(private readonly options: EarlyDeletionsOptions) {}

  /** The properties whose change has a resource deleted along with what it depends on. */
  keysOf(urn: string): string[] | undefined {
    return this.keys.get(urn);
  }

  /** The deletions of what can't outlive a resource that is deleted before its replacement comes. */
  async ofDependents(
    root: OldResource,
    position: string | undefined,
    decided: (urn: string) => boolean,
  ): Promise<Step[]> {
    const doomed = await this.options.dependents.replacedWith(root, decided);
    const steps: Step[] = [];
    for (const { resource, keys } of doomed.reverse()) {
      if (this.resources.has(resource)) continue;
      const { urn, protect } = resource.state;
      this.keys.set(urn, keys);
      if (protect && !resource.state.delete) {
        throw new UserError(
          `${urn} is protected, and would be replaced because ${root.state.urn} is${position ? ` (${position})` : ""}: ` +
            `take "protect" from its options and run up, then make the change.`,
        );
      }
      const replaced = !resource.state.delete;
      steps.push(await this.step(replaced ? "delete-replaced" : "delete", resource, replaced));
      this.urns.add(urn);
      this.resources.add(resource);
    }
    return steps;
  }

  /** A step that deletes an old resource; its provider isn't asked where the resource isn't its to delete. */
  async step(op: Step["op"], old: OldResource, replacedAfterwards = false): Promise<Step> {
    const { preview, providers, nextNumber } = this.options;
    const { state } = old;
    const goesAlong = state.deletedWith !== undefined && this.urns.has(state.deletedWith);
    const asked = state.custom && !state.external && !state.retainOnDelete && !goesAlong;
    return {
      op,
      number: nextNumber(),
      urn: state.urn,
      old,
      provider:
        asked && !isProviderType(state.type) && !preview ? await providers.get(state.provider!) : undefined,
      replacedAfterwards,
    };
  }
}
