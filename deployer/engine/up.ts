import type { RunResult, UpOptions } from "./options";
import { fold } from "./journal";
import { preview } from "./preview";
import { prelude, recording, runProgram } from "./source-run";

/** Makes the stack what the program says; after a preview, which refuses before anything changes. */
export async function up(options: UpOptions): Promise<RunResult> {
  if (!options.skipPreview) {
    const previewed = await preview(options);
    if (previewed.result !== "succeeded") return previewed;
  }
  const started = performance.now();
  const { session, entries } = recording(await options.store.begin("up"));
  options.emit(prelude("up", options, session.recovered));
  let run: Omit<RunResult, "snapshot"> = { result: "failed", changes: {} };
  let snapshot = session.base;
  try {
    run = await runProgram(options, session.base, session);
  } finally {
    snapshot = fold(session.base, entries);
    await session.finish(snapshot, run.result === "succeeded" ? "succeeded" : "failed", run.changes);
  }
  options.emit({ type: "summary", ...run, preview: false, seconds: (performance.now() - started) / 1000 });
  return { ...run, snapshot };
}
