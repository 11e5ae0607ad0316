import type { RunOptions, RunResult } from "./options";
import { look } from "./run";
import { programPass } from "./source-run";

/** Tells what `up` would do, and refuses what it would refuse. Changes nothing, and takes no lock. */
export function preview(options: RunOptions): Promise<RunResult> {
  return look("preview", options, programPass);
}
