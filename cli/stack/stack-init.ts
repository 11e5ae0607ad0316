import type { Command } from "commander";
import { UserError } from "../../deployer/user-error";
import { action } from "../action";
import { withProject } from "../command-options";

export function addStackInit(stack: Command): void {
  withProject(stack.command("init <name>"))
    .description("make an empty stack and select it")
    .action(action(runStackInit));
}

async function runStackInit(name: string, options: { cwd?: string }): Promise<void> {
  const { openProject, openNewStack, stackOf } = await import("./stack-context.js");
  const { createStack } = await import("../../deployer/state/stack-admin.js");
  const { selectStack } = await import("./selected-stack.js");
  const project = await openProject(options);
  const stack = stackOf(name, project.project.name);
  if (project.stacks.includes(stack)) throw new UserError(`Stack ${stack} exists already.`);
  const { store } = await openNewStack(project, stack);
  await createStack(store);
  await selectStack(project.project, project.backend, stack, process.env);
  process.stdout.write(`Made stack ${stack}.\n`);
}
