import type { Emit } from "../display/events";
import type { CheckResult, DiffResult } from "../plugins/provider-results";
import type { ResourceState } from "../state/resource-state";
import type { PropertyMap } from "../wire/property-value";
import { providerUrn } from "../wire/urn";
import type { Base } from "./base";
import type { Claims } from "./claims";
import { compareInputs } from "./diff";
import type { Provider } from "./provider";
import type { ProviderRegistry } from "./provider-registry";
import type { Registration } from "./registration";
import type { OldResource } from "./step";

/** A registration that has been looked up in the state: what it wants to be, what it carries on, who manages it. */
export interface Candidate {
  registration: Registration;
  state: ResourceState;
  old?: OldResource;
  provider?: Provider;
}

/** What a provider says of a candidate: its inputs, and how they differ where there is something to compare with. */
export interface Inspection {
  check: CheckResult;
  diff?: DiffResult;
}

export interface InspectorOptions {
  base: Base;
  claims: Claims;
  providers: ProviderRegistry;
  emit: Emit;
  /** Whether this run replaces a resource. */
  isReplaced(urn: string): boolean;
  /** The new state of a resource of this run. */
  stateOf(urn: string): ResourceState | undefined;
}

/** Asks providers about candidates. */
export class Inspector {
  constructor(private readonly options: InspectorOptions) {}

  /** `recreating`: an earlier step deletes what it carried on. */
  async inspect(candidate: Candidate, recreating: boolean): Promise<Inspection> {
    const { registration, state, old, provider } = candidate;
    const fresh = recreating || !old || old.state.external;
    const news = fresh ? registration.inputs : ignoringChanges(registration, old.state);
    const check = provider
      ? await provider.check(state.urn, fresh ? undefined : (old.state.inputs ?? {}), news, randomSeed())
      : { inputs: news, failures: [] };
    if (check.failures.length > 0 || fresh) return { check };
    return { check, diff: await this.diff(candidate, old.state, check.inputs) };
  }

  private async diff(candidate: Candidate, old: ResourceState, inputs: PropertyMap): Promise<DiffResult> {
    const { registration, state, provider } = candidate;
    if (state.deletedWith && this.options.isReplaced(state.deletedWith)) return replacedFor("deletedWith");
    if (await this.providerChanged(old, state)) return replacedFor("provider");
    const olds = old.inputs ?? {};
    if (!provider) return compareInputs(olds, inputs);
    const existing = { urn: state.urn, id: old.id!, inputs: olds, outputs: old.outputs ?? {} };
    const diff = await provider.diff(existing, inputs, registration.ignoreChanges);
    if (diff?.changes === "unknown") {
      return { ...compareInputs(olds, inputs), deleteBeforeReplace: diff.deleteBeforeReplace };
    }
    if (diff) return diff;
    this.options.emit({
      type: "diagnostic",
      severity: "warning",
      urn: state.urn,
      position: registration.position,
      message:
        "The configuration of its provider isn't known before the update: the preview can't tell what will change here.",
    });
    return { changes: "some", replaces: [], changed: [], deleteBeforeReplace: false };
  }

  /** Whether the resource has to move to another provider, which can't take it over. */
  private async providerChanged(old: ResourceState, state: ResourceState): Promise<boolean> {
    if ((old.provider ?? "") === (state.provider ?? "")) return false;
    if (!old.provider || !state.provider) return true;
    const { base, claims, providers, stateOf } = this.options;
    const newUrn = providerUrn(state.provider);
    if (claims.newUrn(providerUrn(old.provider)) === newUrn) return false;
    const before = base.provider(old.provider);
    const after = stateOf(newUrn);
    if (!before || !after) return true;
    const client = await providers.get(state.provider);
    const existing = {
      urn: newUrn,
      id: before.id!,
      inputs: before.inputs ?? {},
      outputs: before.outputs ?? {},
    };
    const diff = await client.diffConfig(newUrn, existing, after.inputs ?? {});
    return (diff?.replaces.length ?? 0) > 0;
  }
}

export function randomSeed(): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(32));
}

function ignoringChanges(registration: Registration, old: ResourceState): PropertyMap {
  if (registration.ignoreChanges.length === 0) return registration.inputs;
  const inputs = { ...registration.inputs };
  for (const key of registration.ignoreChanges) {
    const value = old.inputs?.[key];
    if (value === undefined) delete inputs[key];
    else inputs[key] = value;
  }
  return inputs;
}

function replacedFor(key: string): DiffResult {
  return { changes: "some", replaces: [key], changed: [], deleteBeforeReplace: false };
}
