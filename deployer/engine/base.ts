import type { ResourceState, Snapshot } from "../state/resource-state";
import type { OldResource } from "./step";

/** What the stack has when a run begins, to be found by URN. */
export class Base {
  readonly resources: OldResource[];
  private readonly living = new Map<string, OldResource>();
  private readonly providers = new Map<string, ResourceState>();

  constructor(readonly snapshot: Snapshot) {
    this.resources = snapshot.resources.map((state, index) => ({ state, ref: { base: index } }));
    for (const resource of this.resources) {
      const { state } = resource;
      if (!state.delete) this.living.set(state.urn, resource);
      if (state.id !== undefined) this.providers.set(`${state.urn}::${state.id}`, state);
    }
  }

  /** The resource of a URN that isn't only waiting for its deletion. */
  find(urn: string): OldResource | undefined {
    return this.living.get(urn);
  }

  /** The provider resource of a reference, `<urn>::<id>`. */
  provider(reference: string): ResourceState | undefined {
    return this.providers.get(reference);
  }
}
