import type { DeploymentEvent } from "../display/events";
import { programFolder, startProgram } from "../program/program-run";
import type { Snapshot } from "../state/resource-state";
import type { UpdateSession } from "../state/stack-store";
import { loadSdk } from "../wire/sdk";
import { Deployment } from "./deployment";
import type { JournalEntry } from "./journal";
import type { RunOptions, RunResult } from "./options";

/** The time that a program gets to end by itself once the run has been stopped. */
const GRACE_MS = 2000;

/** One pass of the program over a stack: a preview of it where there is no session to write to. */
export async function runProgram(
  options: RunOptions,
  base: Snapshot,
  session: UpdateSession | undefined,
): Promise<Omit<RunResult, "snapshot">> {
  const { project, stack, cancel } = options;
  const preview = session === undefined;
  const folder = programFolder(project);
  const sdk = loadSdk(folder.dir);
  const deployment = await Deployment.open({
    ...options,
    sdk,
    programDir: folder.dir,
    preview,
    base,
    session,
  });
  const { executor, plugins, emit } = deployment;
  const program = startProgram({
    sdk,
    project,
    stack,
    typescript: project.runtime?.typescript ?? true,
    nodeArgs: project.runtime?.nodeArgs ?? [],
    address: deployment.monitor.address,
    preview,
    parallel: options.parallel ?? 16,
    onLine: (line, stream) => emit({ type: "output", stream, line }),
  });

  const stop = (): void => {
    executor.stop();
    void executor.idle().then(() => setTimeout(() => void program.end(), GRACE_MS).unref());
  };
  const kill = (): void => {
    executor.cutOff();
    program.kill();
    plugins.kill();
  };
  cancel?.graceful.addEventListener("abort", stop, { once: true });
  cancel?.immediate.addEventListener("abort", kill, { once: true });
  executor.onFailure = stop;
  try {
    const end = await program.ended;
    if (end.kind === "failed" && !executor.stopped) {
      deployment.reporter.failed = true;
      emit({ type: "diagnostic", severity: "error", message: end.message });
    }
    if (end.kind === "done" && !executor.stopped && !deployment.reporter.failed)
      await deployment.deleteTheRest();
    await executor.idle();
    const failed = deployment.reporter.failed || executor.failed;
    const result = cancelled(cancel, failed)
      ? "cancelled"
      : failed || end.kind !== "done"
        ? "failed"
        : "succeeded";
    deployment.finishOutputs(result === "succeeded");
    return { result, changes: executor.changes };
  } finally {
    cancel?.graceful.removeEventListener("abort", stop);
    cancel?.immediate.removeEventListener("abort", kill);
    await deployment.close();
  }
}

/** Whether the user ended the run: what fails of itself while the rest ends is a failure; what was killed isn't. */
export function cancelled(cancel: RunOptions["cancel"], failed: boolean): boolean {
  if (cancel?.immediate.aborted) return true;
  return (cancel?.graceful.aborted ?? false) && !failed;
}

/** A session that also keeps what it is told, for the snapshot that the run ends with. */
export function recording(session: UpdateSession): { session: UpdateSession; entries: JournalEntry[] } {
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

/** Configuration as it may be shown. */
function shownConfig({ stack }: RunOptions): Record<string, string> {
  return Object.fromEntries(
    Object.entries(stack.config).map(([key, value]) => [key, stack.secretKeys.has(key) ? "[secret]" : value]),
  );
}

export function prelude(
  mode: "preview" | "up" | "refresh" | "destroy",
  options: RunOptions,
  recovered: string[],
): DeploymentEvent {
  const { project, stack } = options;
  return {
    type: "prelude",
    mode,
    project: project.name,
    stack: stack.name,
    config: shownConfig(options),
    recovered: recovered.length > 0 ? recovered : undefined,
  };
}
