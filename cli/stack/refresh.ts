import type { Command } from "commander";
import { action } from "../action";
import { withRun, withSkipPreview, withYes } from "../command-options";
import { EXIT } from "../../deployer/user-error";
import type { RunCommandOptions } from "../command-options";

interface RefreshCommandOptions extends RunCommandOptions {
  previewOnly?: boolean;
}

export function addRefresh(program: Command): void {
  withSkipPreview(withYes(withRun(program.command("refresh"))))
    .description("bring the state to what there really is; changes nothing else")
    .option("--preview-only", "tell what there really is, and leave the state as it was")
    .action(action(runRefresh));
}

async function runRefresh(options: RefreshCommandOptions): Promise<number> {
  const { openExistingStack } = await import("./stack-context.js");
  const { startRun, exitCode } = await import("./run-stack.js");
  const { requireConsent, consent } = await import("../consent.js");
  const { refresh } = await import("../../deployer/engine/refresh.js");
  const { previewOnly = false } = options;
  if (!previewOnly) requireConsent(options, EXIT.failed);
  const run = await startRun(await openExistingStack(options), options, { writes: !previewOnly });
  try {
    if (previewOnly) return exitCode(await run.plan((it) => refresh({ ...it, preview: true })), options);
    // Only the state is at stake: without a question to answer, what is found needn't be looked up twice.
    if (!options.skipPreview && !options.yes) {
      const planned = await run.plan((it) => refresh({ ...it, preview: true }));
      if (exitCode(planned, options) !== 0) return 1;
      if (!(await consent("Adjust the state to this?", options))) return 1;
    }
    return exitCode(await run.pass(refresh), options);
  } finally {
    run.end();
  }
}
