import type { Command } from "commander";
import { action } from "./action";
import { withRun, withYes } from "./command-options";
import type { RunCommandOptions } from "./command-options";

export function addRefresh(program: Command): void {
  withYes(withRun(program.command("refresh")))
    .description("bring the state to what there really is; changes nothing else")
    .action(action(runRefresh));
}

async function runRefresh(options: RunCommandOptions): Promise<number> {
  const { openExistingStack } = await import("./stack-context.js");
  const { startRun, exitCode } = await import("./run-stack.js");
  const { requireConsent, consent } = await import("./consent.js");
  const { refresh } = await import("../engine/refresh.js");
  requireConsent(options);
  const context = await openExistingStack(options);
  if (!(await consent(`Read all resources of stack ${context.stack} and adjust its state?`, options)))
    return 1;
  const run = await startRun(context, options);
  try {
    return exitCode(await run.pass(refresh), options);
  } finally {
    run.end();
  }
}
