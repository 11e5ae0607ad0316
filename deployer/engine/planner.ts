import type { Emit } from "../display/events";
import type { DiffResult } from "../plugins/provider-results";
import type { ResourceState } from "../state/resource-state";
import { UserError } from "../user-error";
import { changedKeys } from "../wire/properties";
import type { Base } from "./base";
import { CheckFailed, checkFailed } from "./check-failed";
import { Claims } from "./claims";
import { readState, registeredState } from "./declared-state";
import { Dependents } from "./dependents";
import { replacingOnChanges } from "./diff";
import { EarlyDeletions } from "./early-deletions";
import type { Candidate, Inspection } from "./inspection";
import { Inspector, randomSeed } from "./inspection";
import type { Provider } from "./provider";
import type { ProviderRegistry } from "./provider-registry";
import type { Reading, Registration } from "./registration";
import { Slots } from "./slots";
import type { OldResource, Step } from "./step";

export interface PlannerOptions {
  project: string;
  stack: string;
  preview: boolean;
  base: Base;
  providers: ProviderRegistry;
  emit: Emit;
}

/** A candidate that its provider has been asked about. */
interface Asked extends Candidate {
  recreating: boolean;
  inspection: Promise<Inspection>;
}

export interface Plan {
  steps: Step[];
  /** The state that the program is answered with. */
  state: ResourceState;
  /** The number of the step that makes it. */
  number: number;
}

/**
 * So many resources are with their providers at a time. With all of them at once, engine and provider take turns in
 * long bursts; with a few, both work at the same time.
 */
const RESOURCES_ASKED_FOR = 32;

/**
 * Decides what is done with each resource of the program. Providers are asked at once, in the order of registration;
 * decisions are made one after the other, in the same order, for each may depend on those before.
 */
export class Planner {
  readonly deletions: EarlyDeletions;
  private readonly replaced = new Set<string>();
  private readonly plans = new Map<string, Plan>();
  private readonly claims: Claims;
  private readonly inspector: Inspector;
  private steps = 0;
  private readonly asking = new Slots(RESOURCES_ASKED_FOR);
  private turn: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: PlannerOptions) {
    const { stack, project, base, providers } = options;
    this.claims = new Claims(stack, project, base);
    this.deletions = new EarlyDeletions({
      ...options,
      dependents: new Dependents(base, providers),
      nextNumber: () => this.nextNumber(),
    });
    this.inspector = new Inspector({
      ...options,
      claims: this.claims,
      isReplaced: (urn) => this.replaced.has(urn),
      stateOf: (urn) => this.plans.get(urn)?.state,
    });
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
    return this.plans.has(urn) || this.claims.newUrn(urn) !== undefined;
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
    const urn = this.claims.claim(reading);
    const old = this.options.base.find(urn);
    const state = readState(reading, urn, reference);
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

  private lookUp(registration: Registration, reference: string, provider: Provider | undefined): Asked {
    const urn = this.claims.claim(registration);
    const { old, alias } = this.claims.find(urn, registration);
    const state = registeredState(registration, { urn, provider: reference, alias }, old?.state);
    const candidate = { registration, state, old, provider };
    const recreating = this.deletions.urns.has(urn);
    return {
      ...candidate,
      recreating,
      inspection: quiet(this.asking.use(() => this.inspector.inspect(candidate, recreating))),
    };
  }

  private async decide(candidate: Asked): Promise<Plan> {
    const { registration, state, old, provider } = candidate;
    const { urn } = state;
    const recreating = this.deletions.urns.has(urn);
    const { check, diff } =
      recreating === candidate.recreating
        ? await candidate.inspection
        : await this.inspector.inspect(candidate, recreating);
    state.inputs = check.inputs;
    if (check.failures.length > 0) throw checkFailed(candidate, check.failures);

    const common = { urn, position: registration.position, new: state, provider };
    if (recreating && old) {
      this.deletions.urns.delete(urn);
      this.replaced.add(urn);
      const replaces = this.deletions.keysOf(urn);
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
    if (!old.state.pendingReplacement) this.deletions.urns.add(old.state.urn);
    const decided = (other: string) => this.plans.has(other);
    const steps = await this.deletions.ofDependents(old, registration.position, decided);
    if (!old.state.pendingReplacement) steps.push(await this.deletions.step("delete-replaced", old, true));
    steps.push({ ...detail, op: "replace", number: this.nextNumber() });
    steps.push({ ...detail, op: "create-replacement", number: this.nextNumber(), provider });
    return this.settle(urn, steps, state);
  }

  private refuseProtected({ registration, state }: Candidate): void {
    const message = `It is protected and can't be replaced: take "protect" from its options and run up, then make the change.`;
    if (!this.options.preview) throw new UserError(`${state.urn}: ${message}`);
    throw new CheckFailed(state, registration.position, [{ property: "", reason: message }]);
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

function changedOf(diff: DiffResult, old: ResourceState, state: ResourceState): string[] {
  return diff.changed.length > 0 ? diff.changed : changedKeys(old.inputs ?? {}, state.inputs ?? {});
}

/** Its failure is dealt with where it is awaited, which may be later. */
function quiet<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}
