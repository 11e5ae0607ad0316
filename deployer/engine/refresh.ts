import type { RefreshOptions, RunResult } from "./options";
import { refreshState } from "./refresh-state";
import { runWithoutProgram } from "./state-run";

/** Makes the state what providers say that there is. The program doesn't run, and nothing is changed but the state. */
export function refresh(options: RefreshOptions): Promise<RunResult> {
  return runWithoutProgram("refresh", options, refreshState);
}
