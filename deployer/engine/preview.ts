import type { RunOptions, RunResult } from "./options";
import { prelude, runProgram } from "./source-run";

/** Tells what `up` would do, and refuses what it would refuse. Changes nothing, and takes no lock. */
export async function preview(options: RunOptions): Promise<RunResult> {
  const started = performance.now();
  const { snapshot, recovered } = await options.store.load();
  options.emit(prelude("preview", options, recovered));
  const run = await runProgram(options, snapshot, undefined);
  options.emit({
    type: "summary",
    ...run,
    preview: true,
    seconds: (performance.now() - started) / 1000,
  });
  return run;
}
