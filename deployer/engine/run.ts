import type { DeploymentEvent } from "../display/events";
import type { Snapshot } from "../state/resource-state";
import type { UpdateKind, UpdateSession } from "../state/stack-store";
import type { JournalEntry } from "./journal";
import { fold } from "./journal";
import type { RunOptions, RunResult } from "./options";

type Mode = Exclude<UpdateKind, "import">;
export type Outcome = Omit<RunResult, "snapshot">;

/** One pass over a stack: a preview of it where there is no session to write to. */
export type Pass<Options extends RunOptions> = (
  options: Options,
  base: Snapshot,
  session: UpdateSession | undefined,
) => Promise<Outcome>;

/** Tells what a pass would do. Changes nothing, and takes no lock. */
export async function look<Options extends RunOptions>(
  mode: Mode | "preview",
  options: Options,
  pass: Pass<Options>,
): Promise<RunResult> {
  const started = performance.now();
  const { snapshot, recovered } = await options.store.load();
  options.emit(prelude(mode, options, recovered));
  const outcome = await pass(options, snapshot, undefined);
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
  const { session, entries } = recording(await options.store.begin(mode));
  options.emit(prelude(mode, options, session.recovered));
  let outcome: Outcome = { result: "failed", changes: {} };
  let snapshot = session.base;
  try {
    outcome = await pass(options, session.base, session);
  } finally {
    snapshot = fold(session.base, entries);
    const result = outcome.result === "succeeded" ? "succeeded" : "failed";
    await session.finish(snapshot, result, outcome.changes);
  }
  options.emit(summary(outcome, false, started));
  return { ...outcome, snapshot };
}

/** A session that also keeps what it is told, for the snapshot that the run ends with. */
function recording(session: UpdateSession): { session: UpdateSession; entries: JournalEntry[] } {
  const entries: JournalEntry[] = [];
  return {
    entries,
    session: {
      base: session.base,
      recovered: session.recovered,
      append(...appended) {
        entries.push(...appended);
        session.append(...appended);
      },
      flush: () => session.flush(),
      finish: (final, result, changes) => session.finish(final, result, changes),
    },
  };
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
