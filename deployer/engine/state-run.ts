import { programFolder } from "../program/program-run";
import { loadSdk } from "../wire/sdk";
import type { UpdateKind, UpdateSession } from "../state/stack-store";
import { Deployment } from "./deployment";
import type { DeploymentOptions } from "./deployment";
import { fold } from "./journal";
import type { DestroyOptions, RunResult } from "./options";
import { cancelled, prelude, recording } from "./source-run";

/** A run on the state alone; with `preview` it tells what it would do, and changes nothing. */
export async function runWithoutProgram(
  mode: Extract<UpdateKind, "refresh" | "destroy">,
  options: DestroyOptions,
  work: (deployment: Deployment) => Promise<void>,
): Promise<RunResult> {
  const { store, emit, preview = false } = options;
  const started = performance.now();
  if (preview) {
    const { snapshot, recovered } = await store.load();
    emit(prelude(mode, options, recovered));
    const run = await runOn({ ...options, asksNothing: mode === "destroy" }, snapshot, undefined, work);
    emit({ type: "summary", ...run, preview, seconds: (performance.now() - started) / 1000 });
    return run;
  }
  const { session, entries } = recording(await store.begin(mode));
  emit(prelude(mode, options, session.recovered));
  let run: Omit<RunResult, "snapshot"> = { result: "failed", changes: {} };
  let snapshot = session.base;
  try {
    run = await runOn(options, session.base, session, work);
  } finally {
    snapshot = fold(session.base, entries);
    await session.finish(snapshot, run.result === "succeeded" ? "succeeded" : "failed", run.changes);
  }
  emit({ type: "summary", ...run, preview, seconds: (performance.now() - started) / 1000 });
  return { ...run, snapshot };
}

async function runOn(
  options: DestroyOptions & Pick<DeploymentOptions, "asksNothing">,
  base: UpdateSession["base"],
  session: UpdateSession | undefined,
  work: (deployment: Deployment) => Promise<void>,
): Promise<Omit<RunResult, "snapshot">> {
  const { project, cancel } = options;
  if (base.resources.length === 0) return { result: "succeeded", changes: {} };
  const { dir } = programFolder(project);
  const deployment = await Deployment.open({
    ...options,
    sdk: loadSdk(dir),
    programDir: dir,
    preview: session === undefined,
    base,
    session,
  });
  const { executor, plugins } = deployment;
  const stop = (): void => executor.stop();
  const kill = (): void => {
    executor.cutOff();
    plugins.kill();
  };
  cancel?.graceful.addEventListener("abort", stop, { once: true });
  cancel?.immediate.addEventListener("abort", kill, { once: true });
  try {
    await work(deployment);
    await executor.idle();
    const failed = deployment.reporter.failed || executor.failed;
    const result = cancelled(cancel, failed) ? "cancelled" : failed ? "failed" : "succeeded";
    return { result, changes: executor.changes };
  } finally {
    cancel?.graceful.removeEventListener("abort", stop);
    cancel?.immediate.removeEventListener("abort", kill);
    await deployment.close();
  }
}
