import type { DeploymentEvent } from "../display/events";
import type { Snapshot } from "../state/resource-state";
import type { UpdateKind, UpdateSession } from "../state/stack-store";
import { begin } from "./begin";
import { fold } from "./journal";
import type { RunOptions, RunResult } from "./options";
import type { Processes } from "./processes";

type Mode = Exclude<UpdateKind, "import">;
export type Outcome = Omit<RunResult, "snapshot">;

/** One pass over a stack: a preview of it where there is no session to write to. */
export interface Pass<Options extends RunOptions> {
  /** Starts what it deals with, while the run is still made ready; nothing where there is nothing to do. */
  start(options: Options, base: Snapshot, preview: boolean): Promise<Processes> | undefined;
  run(
    options: Options,
    base: Snapshot,
    session: UpdateSession | undefined,
    processes: Processes,
  ): Promise<Outcome>;
}

/** Tells what a pass would do. Changes nothing, and takes no lock. */
export async function look<Options extends RunOptions>(
  mode: Mode | "preview",
  options: Options,
  pass: Pass<Options>,
): Promise<RunResult> {
  const started = performance.now();
  const { snapshot, recovered } = await options.store.load();
  options.emit(prelude(mode, options, recovered));
  const outcome = await passOver(pass, options, snapshot, undefined, pass.start(options, snapshot, true));
  options.emit(summary(outcome, true, started));
  return outcome;
}

/** Does a pass, and puts into the store what came of it, however it ends. */
export async function change<Options extends RunOptions>(
  mode: Mode,
  options: Options,
  pass: Pass<Options>,
): Promise<RunResult> {
  const started = performance.now();
  const { session, entries, processes } = await begin(mode, options, (base) =>
    pass.start(options, base, false),
  );
  options.emit(prelude(mode, options, session.recovered));
  let outcome: Outcome = { result: "failed", changes: {} };
  let snapshot = session.base;
  try {
    outcome = await passOver(pass, options, session.base, session, processes);
  } finally {
    snapshot = fold(session.base, entries);
    const result = outcome.result === "succeeded" ? "succeeded" : "failed";
    await session.finish(snapshot, result, outcome.changes);
  }
  options.emit(summary(outcome, false, started));
  return { ...outcome, snapshot };
}

async function passOver<Options extends RunOptions>(
  pass: Pass<Options>,
  options: Options,
  base: Snapshot,
  session: UpdateSession | undefined,
  started: Promise<Processes> | undefined,
): Promise<Outcome> {
  const processes = await started;
  return processes ? pass.run(options, base, session, processes) : { result: "succeeded", changes: {} };
}

function prelude(
  mode: Mode | "preview",
  { project, stack }: RunOptions,
  recovered: string[],
): DeploymentEvent {
  const shown = Object.entries(stack.config).map(([key, value]) => [
    key,
    stack.secretKeys.has(key) ? "[secret]" : value,
  ]);
  return {
    type: "prelude",
    mode,
    project: project.name,
    stack: stack.name,
    config: Object.fromEntries(shown),
    recovered: recovered.length > 0 ? recovered : undefined,
  };
}

function summary(outcome: Outcome, preview: boolean, started: number): DeploymentEvent {
  return { type: "summary", ...outcome, preview, seconds: (performance.now() - started) / 1000 };
}
