import type { Emit, StepOp, StepView } from "../display/events";
import { ProviderError } from "../plugins/provider-error";
import type { PendingOperation } from "../state/resource-state";
import type { UpdateSession } from "../state/stack-store";
import { isDefaultProvider, isProviderType, typeOf } from "../wire/urn";
import { applyStep } from "./apply-step";
import type { JournalEntry, ResourceRef } from "./journal";
import { sameStates } from "./same-states";
import { Slots } from "./slots";
import type { Step } from "./step";

/** The run has ended early, by a failure or by the user's wish: nothing further is begun. */
export class Stopped extends Error {
  constructor() {
    super("The run has been stopped.");
    this.name = "Stopped";
  }
}

export interface ExecutorOptions {
  preview: boolean;
  parallel: number;
  emit: Emit;
  /** Absent in a preview. */
  session?: UpdateSession;
}

/**
 * Does steps: as many at the same time as allowed, each on disk before it begins and before anything that follows from
 * it. After a failure those at work end, and no other begins.
 */
export class Executor {
  readonly changes: Partial<Record<StepOp, number>> = {};
  failed = false;
  /** Called at the first failure. */
  onFailure: () => void = () => {};
  private stopping = false;
  private isCutOff = false;
  private readonly slots: Slots;
  private readonly working = new Set<Promise<unknown>>();

  constructor(private readonly options: ExecutorOptions) {
    this.slots = new Slots(options.parallel);
  }

  get stopped(): boolean {
    return this.stopping;
  }

  stop(): void {
    this.stopping = true;
  }

  /** The providers are being ended: what they leave unanswered isn't theirs to answer for. */
  cutOff(): void {
    this.stopping = true;
    this.isCutOff = true;
  }

  fail(): void {
    const first = !this.failed;
    this.failed = true;
    this.stopping = true;
    if (first) this.onFailure();
  }

  /**
   * Does the steps one after the other.
   *
   * @throws Stopped where one of them failed, which has been told then, or where the run has been stopped.
   */
  async run(steps: Step[]): Promise<void> {
    const work = this.runInTurn(steps);
    this.working.add(work);
    try {
      await work;
    } finally {
      this.working.delete(work);
    }
  }

  /** Resolves when nothing is at work any more. */
  async idle(): Promise<void> {
    while (this.working.size > 0) await Promise.allSettled(this.working);
  }

  record(...entries: JournalEntry[]): void {
    this.options.session?.append(...entries);
  }

  private async runInTurn(steps: Step[]): Promise<void> {
    for (const step of steps) await this.execute(step);
  }

  private async execute(step: Step): Promise<void> {
    const view = viewOf(step);
    await this.show(view, async (begun) => {
      await this.applyJournalled(step, begun);
      return { ...view, new: step.new };
    });
  }

  /**
   * Does something to a resource as a step is done, in a place of its own among those at work. Where it fails, so does
   * the run; but the others go on.
   */
  async attempt(view: StepView, work: () => Promise<StepView>): Promise<void> {
    const attempted = (begun: () => void): Promise<StepView> => {
      begun();
      return work();
    };
    const shown = this.slots.use(() => this.show(view, attempted, () => (this.failed = true)));
    this.working.add(shown);
    try {
      await shown;
    } catch (error) {
      if (!(error instanceof Stopped)) throw error;
    } finally {
      this.working.delete(shown);
    }
  }

  private count(op: StepOp): void {
    if (COUNTED.has(op)) this.changes[op] = (this.changes[op] ?? 0) + 1;
  }

  /** Tells of a step: when its work says that it has begun, and how it ended, which may be as another step. */
  private async show(
    view: StepView,
    work: (begun: () => void) => Promise<StepView>,
    fail = (): unknown => this.fail(),
  ): Promise<void> {
    if (this.stopping) throw new Stopped();
    const { emit } = this.options;
    const hidden = isDefaultProvider(view.urn);
    let started = performance.now();
    let done: StepView;
    try {
      done = await work(() => {
        started = performance.now();
        if (!hidden) emit({ type: "step", step: view });
      });
    } catch (error) {
      if (error instanceof Stopped) throw error;
      if (this.isCutOff && isOutcomeUnknown(error)) {
        emit({ type: "diagnostic", severity: "warning", urn: view.urn, message: CUT_OFF });
        throw new Stopped();
      }
      fail();
      emit({ type: "stepFailed", step: view, message: (error as Error).message });
      throw new Stopped();
    }
    if (hidden) return;
    this.count(done.op);
    emit({ type: "stepDone", step: done, seconds: (performance.now() - started) / 1000 });
  }

  /** `begun` is called once the step has a place among those at work. */
  private async applyJournalled(step: Step, begun: () => void): Promise<void> {
    const operation = this.options.preview ? undefined : pendingOperation(step);
    const session = this.options.session;
    if (!operation || !session) {
      begun();
      await applyStep(step, this.options.preview);
      this.recordEnd(step);
      return;
    }
    session.append({
      kind: "begin",
      step: step.number,
      operation,
      resource: { ...(operation === "deleting" ? step.old!.state : step.new!) },
    });
    await session.flush();
    let problem: string | undefined;
    await this.slots.use(async () => {
      try {
        if (this.stopping) throw new Stopped();
        begun();
        problem = await applyStep(step, false);
      } catch (error) {
        // A provider that died in the middle may have done it: that stays pending.
        if (!isOutcomeUnknown(error)) {
          session.append({ kind: "fail", step: step.number });
        }
        throw error;
      }
    });
    this.recordEnd(step);
    await session.flush();
    if (problem !== undefined) throw new Error(problem);
  }

  private recordEnd(step: Step): void {
    this.record(...endEntries(step));
  }
}

const CUT_OFF = "It was cut off while it was at work, and may have been done or not.";

function isOutcomeUnknown(error: unknown): boolean {
  return error instanceof ProviderError && error.isOutcomeUnknown;
}

const COUNTED = new Set<StepOp>(["same", "create", "update", "replace", "delete", "refresh"]);

/** What a provider is asked to do in this step, where it is asked for anything that changes the world or takes long. */
function pendingOperation(step: Step): PendingOperation["type"] | undefined {
  if (!step.provider || isProviderType(typeOf(step.urn))) return undefined;
  switch (step.op) {
    case "create":
    case "create-replacement":
      return "creating";
    case "update":
      return "updating";
    case "delete":
    case "delete-replaced":
    case "discard-replaced":
      return "deleting";
    case "read":
      return "reading";
    default:
      return undefined;
  }
}

function endEntries(step: Step): JournalEntry[] {
  const { number, old, new: state } = step;
  const end = (...removes: ResourceRef[]): JournalEntry => ({
    kind: "end",
    step: number,
    state: state && { ...state },
    removes,
  });
  const changed = (): JournalEntry => ({ kind: "change", target: old!.ref, state: old!.state });
  switch (step.op) {
    case "same":
      return old && "base" in old.ref && sameStates(old.state, state!)
        ? [{ kind: "keep", step: number, base: old.ref.base }]
        : [end(old!.ref)];
    case "create":
      return [end()];
    case "create-replacement": {
      const made = old!.state.pendingReplacement ? end(old!.ref) : end();
      return step.deletesOldLater ? [made, changed()] : [made];
    }
    case "read":
      if (step.deletesOldLater) return [end(), changed()];
      return [old ? end(old.ref) : end()];
    case "delete":
    case "delete-replaced":
    case "discard-replaced":
      return step.replacedAfterwards ? [end(), changed()] : [end(old!.ref)];
    case "update":
    case "remove-pending-replace":
      return [end(old!.ref)];
    case "replace":
    case "refresh":
      return [];
  }
}

function viewOf(step: Step): StepView {
  return {
    op: step.op,
    urn: step.urn,
    type: (step.new ?? step.old!.state).type,
    position: step.position,
    old: step.old?.state,
    new: step.new,
    changed: step.changed,
    replaces: step.replaces,
  };
}
