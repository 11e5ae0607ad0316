import type { Command } from "commander";
import { action } from "../action";
import { withRun, withSkipPreview, withYes } from "../command-options";
import type { RunCommandOptions } from "../command-options";

export function addDestroy(program: Command): void {
  withSkipPreview(withYes(withRun(program.command("destroy"))))
    .description("delete everything that the stack has; the stack itself, its configuration and history stay")
    .action(action(runDestroy));
}

async function runDestroy(options: RunCommandOptions): Promise<number> {
  const { openExistingStack } = await import("./stack-context.js");
  const { startRun, exitCode } = await import("./run-stack.js");
  const { requireConsent, consent } = await import("../consent.js");
  const { destroy } = await import("../../deployer/engine/destroy.js");
  requireConsent(options);
  const run = await startRun(await openExistingStack(options), options, { writes: true });
  try {
    if (!options.skipPreview) {
      const planned = await run.plan((it) => destroy({ ...it, preview: true }));
      if (exitCode(planned, options) !== 0) return 1;
      if (!(await consent("Delete all of this?", options))) return 1;
    }
    return exitCode(await run.pass(destroy), options);
  } finally {
    run.end();
  }
}
