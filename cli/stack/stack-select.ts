import type { Command } from "commander";
import { action } from "../action";
import { withProject } from "../command-options";

export function addStackSelect(stack: Command): void {
  withProject(stack.command("select <name>"))
    .description("make a stack the one that commands take by default in this project")
    .action(action(runStackSelect));
}

async function runStackSelect(name: string, options: { cwd?: string }): Promise<void> {
  const { openExistingStack } = await import("./stack-context.js");
  const { selectStack } = await import("./selected-stack.js");
  const { project, backend, stack } = await openExistingStack({ ...options, stack: name });
  await selectStack(project, backend, stack, process.env);
  process.stdout.write(`Selected stack ${stack}.\n`);
}
