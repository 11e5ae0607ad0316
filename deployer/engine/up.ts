import type { RunResult, UpOptions } from "./options";
import { preview } from "./preview";
import { change } from "./run";
import { programPass } from "./source-run";

/** Makes the stack what the program says; after a preview, which refuses before anything changes. */
export async function up(options: UpOptions): Promise<RunResult> {
  if (!options.skipPreview) {
    const previewed = await preview(options);
    if (previewed.result !== "succeeded") return previewed;
  }
  return change("up", options, programPass);
}
