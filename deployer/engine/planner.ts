import type { Emit } from "../display/events";
import type { CheckResult, DiffResult } from "../plugins/provider-client";
import type { ResourceState } from "../state/resource-state";
import { UserError } from "../user-error";
import { changedKeys } from "../wire/properties";
import type { PropertyMap } from "../wire/property-value";
import { createUrn, isProviderType, providerUrn } from "../wire/urn";
import { aliasUrns } from "./aliases";
import type { Base } from "./base";
import { CheckFailed, checkFailed } from "./check-failed";
import { Dependents } from "./dependents";
import { compareInputs, replacingOnChanges } from "./diff";
import type { Provider } from "./provider";
import type { ProviderRegistry } from "./provider-registry";
import type { Reading, Registration } from "./registration";
import type { OldResource, Step } from "./step";

export interface PlannerOptions {
  project: string;
  stack: string;
  preview: boolean;
  base: Base;
  providers: ProviderRegistry;
  emit: Emit;
}

/** A registration that has been looked up in the state and sent off to its provider, not yet decided on. */
interface Candidate {
  registration: Registration;
  state: ResourceState;
  old?: OldResource;
  provider?: Provider;
  /** Taken for deleted when it was checked: then without old inputs. */
  recreating: boolean;
  checked: Promise<{ check: CheckResult; diff?: DiffResult }>;
}

export interface Plan {
  steps: Step[];
  /** The state that the program is answered with. */
  state: ResourceState;
  /** The number of the step that makes it. */
  number: number;
}

/**
 * Decides what is done with each resource of the program. Providers are asked at once, in the order of registration;
 * decisions are made one after the other, in the same order, for each may depend on those before.
 */
export class Planner {
  /** Old resources that steps of this run delete already. */
  readonly deleted = new Set<OldResource>();
  readonly deletedUrns = new Set<string>();
  private readonly seen = new Set<string>();
  private readonly replaced = new Set<string>();
  private readonly dependentKeys = new Map<string, string[]>();
  /** The old URN of each resource that was found by an alias, and the reverse. */
  private readonly formerUrn = new Map<string, string>();
  private readonly claimed = new Map<string, string>();
  private readonly plans = new Map<string, Plan>();
  private readonly dependents: Dependents;
  private steps = 0;
  private turn: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: PlannerOptions) {
    this.dependents = new Dependents(options.base, options.providers);
  }

  nextNumber(): number {
    return this.steps++;
  }

  /** What has been decided for a resource of this run. */
  planOf(urn: string): Plan | undefined {
    return this.plans.get(urn);
  }

  /** Whether this run has a step for a resource of the base, or has taken it over under another URN. */
  reaches(urn: string): boolean {
    return this.plans.has(urn) || this.claimed.has(urn) || this.deletedUrns.has(urn);
  }

  /**
   * Plans a registered resource, whose provider is `provider`, referred to by `reference`.
   *
   * @throws CheckFailed where the provider refuses its inputs; UserError where the program can't mean it.
   */
  register(registration: Registration, reference: string, provider: Provider | undefined): Promise<Plan> {
    const candidate = this.lookUp(registration, reference, provider);
    const plan = this.turn.then(() => this.decide(candidate));
    this.turn = plan.catch(() => {});
    return plan;
  }

  read(reading: Reading, reference: string, provider: Provider): Promise<Plan> {
    const urn = this.claim(reading);
    const old = this.options.base.find(urn);
    const state: ResourceState = {
      urn,
      custom: true,
      type: reading.type,
      id: reading.id,
      parent: reading.parent || undefined,
      inputs: reading.inputs,
      outputs: {},
      provider: reference,
      dependencies: reading.dependencies,
      external: true,
      additionalSecretOutputs: reading.additionalSecretOutputs,
      sourcePosition: reading.sourcePosition,
      stackTrace: reading.stackTrace,
    };
    const plan = this.turn.then((): Plan => {
      const replaces = old !== undefined && !old.state.external && old.state.id !== reading.id;
      const common = { urn, position: reading.position, old, new: state };
      const steps: Step[] = [
        { ...common, op: "read", number: this.nextNumber(), provider, deletesOldLater: replaces },
      ];
      if (replaces) {
        this.replaced.add(urn);
        steps.push({ ...common, op: "replace", number: this.nextNumber() });
      }
      return this.settle(urn, steps, state);
    });
    this.turn = plan.catch(() => {});
    return plan;
  }

  /** @throws UserError for a URN that another resource of this run has, or a parent that isn't there. */
  private claim(resource: { parent: string; type: string; name: string }): string {
    const { stack, project } = this.options;
    if (resource.parent && !this.seen.has(resource.parent)) {
      throw new UserError(`The parent of ${resource.name} isn't in the program: ${resource.parent}.`);
    }
    const urn = createUrn({ stack, project, ...resource });
    if (this.seen.has(urn)) {
      throw new UserError(
        `Two resources are called "${resource.name}" (${resource.type}): give each a name of its own. ${urn}`,
      );
    }
    this.seen.add(urn);
    return urn;
  }

  private lookUp(registration: Registration, reference: string, provider: Provider | undefined): Candidate {
    const urn = this.claim(registration);
    const { old, alias } = this.findOld(urn, registration);
    const state: ResourceState = {
      urn,
      custom: registration.custom,
      type: registration.type,
      parent: registration.parent || undefined,
      inputs: registration.inputs,
      provider: reference || undefined,
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
      created: old?.state.created,
      modified: old?.state.modified,
      sourcePosition: registration.sourcePosition,
      stackTrace: registration.stackTrace,
    };
    const candidate = { registration, state, old, provider };
    const recreating = this.deletedUrns.has(urn);
    return { ...candidate, recreating, checked: quiet(this.ask(candidate, recreating)) };
  }

  private findOld(urn: string, registration: Registration): { old?: OldResource; alias?: string } {
    const { base, stack, project } = this.options;
    if (this.claimed.has(urn)) {
      throw new UserError(`${urn} has been taken over already, as an alias of ${this.claimed.get(urn)}.`);
    }
    const own = base.find(urn);
    if (own) return { old: own };
    if (registration.aliases.length === 0 && !this.formerUrn.has(registration.parent)) return {};
    for (const alias of aliasUrns(
      { ...registration, stack, project },
      registration.aliases,
      this.formerUrn,
    )) {
      const old = base.find(alias);
      if (!old) continue;
      const owner = this.seen.has(alias) ? alias : this.claimed.get(alias);
      if (owner) throw new UserError(`${urn} has the alias ${alias}, which belongs to ${owner}.`);
      this.claimed.set(alias, urn);
      this.formerUrn.set(urn, alias);
      return { old, alias };
    }
    return {};
  }

  /** Check, and diff where there is something to compare with. */
  private async ask(
    { registration, state, old, provider }: Omit<Candidate, "checked" | "recreating">,
    recreating: boolean,
  ): Promise<{ check: CheckResult; diff?: DiffResult }> {
    const fresh = recreating || !old || old.state.external;
    const news = fresh ? registration.inputs : this.ignoringChanges(registration, old.state);
    const check = provider
      ? await provider.check(state.urn, fresh ? undefined : (old.state.inputs ?? {}), news, randomSeed())
      : { inputs: news, failures: [] };
    if (check.failures.length > 0 || fresh) return { check };
    const diff = await this.diff(registration, old.state, state, check.inputs, provider);
    return { check, diff };
  }

  private ignoringChanges(registration: Registration, old: ResourceState): PropertyMap {
    if (registration.ignoreChanges.length === 0) return registration.inputs;
    const inputs = { ...registration.inputs };
    for (const key of registration.ignoreChanges) {
      const value = old.inputs?.[key];
      if (value === undefined) delete inputs[key];
      else inputs[key] = value;
    }
    return inputs;
  }

  private async diff(
    registration: Registration,
    old: ResourceState,
    state: ResourceState,
    inputs: PropertyMap,
    provider: Provider | undefined,
  ): Promise<DiffResult> {
    if (state.deletedWith && this.replaced.has(state.deletedWith)) return replacedBecauseOf("deletedWith");
    if (await this.providerChanged(old, state)) return replacedBecauseOf("provider");
    if (!provider) return compareInputs(old.inputs ?? {}, inputs);
    const existing = { urn: state.urn, id: old.id!, inputs: old.inputs ?? {}, outputs: old.outputs ?? {} };
    const diff = await provider.diff(existing, inputs, registration.ignoreChanges);
    if (!diff) {
      this.options.emit({
        type: "diagnostic",
        severity: "warning",
        urn: state.urn,
        position: registration.position,
        message:
          "The configuration of its provider isn't known before the update: " +
          "the preview can't tell what will change here.",
      });
      return { changes: "some", replaces: [], changed: [], deleteBeforeReplace: false };
    }
    return diff.changes === "unknown"
      ? { ...compareInputs(old.inputs ?? {}, inputs), deleteBeforeReplace: diff.deleteBeforeReplace }
      : diff;
  }

  /** Whether the resource has to move to another provider, which can't take it over. */
  private async providerChanged(old: ResourceState, state: ResourceState): Promise<boolean> {
    if ((old.provider ?? "") === (state.provider ?? "")) return false;
    if (!old.provider || !state.provider) return true;
    const oldUrn = providerUrn(old.provider);
    const newUrn = providerUrn(state.provider);
    if (this.claimed.get(oldUrn) === newUrn) return false;
    const before = this.options.base.provider(old.provider);
    const after = this.plans.get(newUrn)?.state;
    if (!before || !after) return true;
    const client = await this.options.providers.get(state.provider);
    const diff = await client.diffConfig(
      newUrn,
      { urn: newUrn, id: before.id!, inputs: before.inputs ?? {}, outputs: before.outputs ?? {} },
      after.inputs ?? {},
    );
    return (diff?.replaces.length ?? 0) > 0;
  }

  private async decide(candidate: Candidate): Promise<Plan> {
    const { registration, state, old, provider } = candidate;
    const { urn } = state;
    const recreating = this.deletedUrns.has(urn);
    const { check, diff } =
      recreating === candidate.recreating ? await candidate.checked : await this.ask(candidate, recreating);
    state.inputs = check.inputs;
    if (check.failures.length > 0) throw checkFailed(candidate, check.failures);

    const common = { urn, position: registration.position, new: state, provider };
    if (recreating && old) {
      this.deletedUrns.delete(urn);
      this.replaced.add(urn);
      const replaces = this.dependentKeys.get(urn);
      return this.settle(
        urn,
        [
          { ...common, op: "replace", old, number: this.nextNumber(), replaces },
          { ...common, op: "create-replacement", old, number: this.nextNumber(), replaces },
        ],
        state,
      );
    }
    if (!old) return this.settle(urn, [{ ...common, op: "create", number: this.nextNumber() }], state);
    if (old.state.external) {
      return this.settle(
        urn,
        [
          { ...common, op: "create-replacement", old, number: this.nextNumber(), deletesOldLater: true },
          { ...common, op: "replace", old, number: this.nextNumber() },
        ],
        state,
      );
    }

    const initErrors = (old.state.initErrors?.length ?? 0) > 0;
    const change = replacingOnChanges(diff!, registration.replaceOnChanges, initErrors);
    if (change.changes === "some" || old.state.pendingReplacement) {
      if (change.replaces.length > 0 || old.state.pendingReplacement) {
        return this.replace(candidate, old, change);
      }
      return this.settle(urn, [this.update(candidate, old, change)], state);
    }
    if (initErrors) return this.settle(urn, [this.update(candidate, old, change)], state);
    return this.settle(urn, [{ ...common, op: "same", old, number: this.nextNumber() }], state);
  }

  private update(candidate: Candidate, old: OldResource, diff: DiffResult): Step {
    const { registration, state, provider } = candidate;
    return {
      op: "update",
      number: this.nextNumber(),
      urn: state.urn,
      position: registration.position,
      old,
      new: state,
      provider,
      ignoreChanges: registration.ignoreChanges,
      changed: changedOf(diff, old.state, state),
    };
  }

  private async replace(candidate: Candidate, old: OldResource, diff: DiffResult): Promise<Plan> {
    const { registration, state, provider } = candidate;
    const { urn } = state;
    if (state.protect && old.state.protect) this.refuseProtected(candidate);
    this.replaced.add(urn);
    if (provider) {
      const again = await provider.check(urn, undefined, registration.inputs, randomSeed());
      state.inputs = again.inputs;
      if (again.failures.length > 0) throw checkFailed(candidate, again.failures);
    }
    const detail = {
      urn,
      position: registration.position,
      old,
      new: state,
      changed: changedOf(diff, old.state, state),
      replaces: diff.replaces,
    };
    if (!(registration.deleteBeforeReplace ?? diff.deleteBeforeReplace)) {
      return this.settle(
        urn,
        [
          { ...detail, op: "create-replacement", number: this.nextNumber(), provider, deletesOldLater: true },
          { ...detail, op: "replace", number: this.nextNumber() },
        ],
        state,
      );
    }
    if (!old.state.pendingReplacement) this.deletedUrns.add(old.state.urn);
    const steps = await this.deleteDependents(old, registration.position);
    if (!old.state.pendingReplacement) steps.push(await this.deleteStep("delete-replaced", old, true));
    steps.push({ ...detail, op: "replace", number: this.nextNumber() });
    steps.push({ ...detail, op: "create-replacement", number: this.nextNumber(), provider });
    return this.settle(urn, steps, state);
  }

  private refuseProtected({ registration, state }: Candidate): void {
    const message = `It is protected and can't be replaced: take "protect" from its options and run up, then make the change.`;
    if (!this.options.preview) throw new UserError(`${state.urn}: ${message}`);
    throw new CheckFailed(state, registration.position, [{ property: "", reason: message }]);
  }

  /** The deletions of what can't outlive a resource that is deleted before its replacement comes. */
  private async deleteDependents(root: OldResource, position: string | undefined): Promise<Step[]> {
    const doomed = await this.dependents.replacedWith(root, (urn) => this.plans.has(urn));
    const steps: Step[] = [];
    for (const { resource, keys } of doomed.reverse()) {
      if (this.deleted.has(resource)) continue;
      const { urn, protect } = resource.state;
      this.dependentKeys.set(urn, keys);
      if (protect && !resource.state.delete) {
        throw new UserError(
          `${urn} is protected, and would be replaced because ${root.state.urn} is${position ? ` (${position})` : ""}: ` +
            `take "protect" from its options and run up, then make the change.`,
        );
      }
      const replaced = !resource.state.delete;
      steps.push(await this.deleteStep(replaced ? "delete-replaced" : "delete", resource, replaced));
      this.deletedUrns.add(urn);
      this.deleted.add(resource);
    }
    return steps;
  }

  /** A step that deletes an old resource; its provider isn't asked where the resource isn't its to delete. */
  async deleteStep(op: Step["op"], old: OldResource, replacedAfterwards = false): Promise<Step> {
    const { state } = old;
    const goesAlong = state.deletedWith !== undefined && this.deletedUrns.has(state.deletedWith);
    const asked = state.custom && !state.external && !state.retainOnDelete && !goesAlong;
    return {
      op,
      number: this.nextNumber(),
      urn: state.urn,
      old,
      provider:
        asked && !isProviderType(state.type) && !this.options.preview
          ? await this.options.providers.get(state.provider!)
          : undefined,
      replacedAfterwards,
    };
  }

  private settle(urn: string, steps: Step[], state: ResourceState): Plan {
    const plan = {
      steps,
      state,
      number: steps.find((step) => step.op !== "replace" && step.new === state)!.number,
    };
    this.plans.set(urn, plan);
    return plan;
  }
}

function replacedBecauseOf(key: string): DiffResult {
  return { changes: "some", replaces: [key], changed: [], deleteBeforeReplace: false };
}

function changedOf(diff: DiffResult, old: ResourceState, state: ResourceState): string[] {
  return diff.changed.length > 0 ? diff.changed : changedKeys(old.inputs ?? {}, state.inputs ?? {});
}

function randomSeed(): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(32));
}

/** Its failure is dealt with where it is awaited, which may be later. */
function quiet<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}
