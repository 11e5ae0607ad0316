import type { Command } from "commander";
import { action } from "../action";
import { withRun, withSkipPreview, withYes } from "../command-options";
import type { RunCommandOptions } from "../command-options";

export function addUp(program: Command): void {
  withSkipPreview(withYes(withRun(program.command("up").alias("update"))))
    .description(
      "preview, ask, and deploy; in a project without stacks it makes the stack named by --stack, or dev",
    )
    .action(action(runUp));
}

async function runUp(options: RunCommandOptions): Promise<number> {
  const { openStack } = await import("./stack-context.js");
  const { startRun, exitCode } = await import("./run-stack.js");
  const { requireConsent, consent } = await import("../consent.js");
  requireConsent(options);
  const context = await openStack(options);
  if (!context.exists && !options.json) {
    process.stdout.write(
      `Stack ${context.stack} is new: its state will be in ${context.backend.folder}/.pulumi\n`,
    );
  }
  const run = await startRun(context, options, { writes: true });
  try {
    if (!options.skipPreview) {
      const { preview } = await import("../../deployer/engine/preview.js");
      const planned = await run.plan(preview);
      if (exitCode(planned, options) !== 0) return 1;
      if (!(await consent("Deploy this?", options))) return 1;
    }
    const { up } = await import("../../deployer/engine/up.js");
    const result = await run.pass((it) => up({ ...it, skipPreview: true }));
    return exitCode(result, options);
  } finally {
    run.end();
  }
}
