import type { Command } from "commander";
import { action } from "./action";
import { withRun } from "./command-options";
import type { RunCommandOptions } from "./command-options";

export function addPreview(program: Command): void {
  withRun(program.command("preview"))
    .description("show what `up` would do, with every rule checked; changes nothing")
    .action(action(runPreview));
}

async function runPreview(options: RunCommandOptions): Promise<number> {
  const { openStack } = await import("./stack-context.js");
  const { startRun, exitCode } = await import("./run-stack.js");
  const { preview } = await import("../engine/preview.js");
  const run = await startRun(await openStack(options), options);
  try {
    return exitCode(await run.plan(preview), options);
  } finally {
    run.end();
  }
}
