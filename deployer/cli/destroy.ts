import type { Command } from "commander";
import { resourceName } from "../display/resource-name";
import { isProviderType, ROOT_STACK_TYPE } from "../wire/urn";
import { action } from "./action";
import { withRun, withYes } from "./command-options";
import type { RunCommandOptions } from "./command-options";
import type { StackContext } from "./stack-context";

export function addDestroy(program: Command): void {
  withYes(withRun(program.command("destroy")))
    .description("delete everything that the stack has; the stack itself, its configuration and history stay")
    .action(action(runDestroy));
}

async function runDestroy(options: RunCommandOptions): Promise<number> {
  const { openExistingStack } = await import("./stack-context.js");
  const { startRun, exitCode } = await import("./run-stack.js");
  const { requireConsent, consent } = await import("./consent.js");
  const { destroy } = await import("../engine/destroy.js");
  requireConsent(options);
  const context = await openExistingStack(options);
  if (!options.yes) await listResources(context);
  if (!(await consent(`Delete all of this from stack ${context.stack}?`, options))) return 1;
  const run = await startRun(context, options);
  try {
    return exitCode(await run.pass(destroy), options);
  } finally {
    run.end();
  }
}

async function listResources({ store }: StackContext): Promise<void> {
  const { snapshot } = await store.load();
  for (const { urn, type, id } of snapshot.resources) {
    if (type === ROOT_STACK_TYPE || isProviderType(type)) continue;
    process.stdout.write(`- ${resourceName(urn)}${id ? ` (${id})` : ""}\n`);
  }
}
