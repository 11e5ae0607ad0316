import type { DestroyOptions, RunResult } from "./options";
import { runWithoutProgram } from "./state-run";

/** Deletes everything that the stack has: a run of a program that wants nothing. */
export function destroy(options: DestroyOptions): Promise<RunResult> {
  return runWithoutProgram("destroy", options, (deployment) => deployment.deleteTheRest());
}
