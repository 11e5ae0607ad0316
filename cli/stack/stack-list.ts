import type { Command } from "commander";
import { action } from "../action";
import { withProject } from "../command-options";

export function addStackList(stack: Command): void {
  withProject(stack.command("ls"))
    .description("the project's stacks; the one that commands take by default is marked with *")
    .option("-j, --json", "as JSON")
    .action(action(runStackList));
}

async function runStackList(options: { cwd?: string; json?: boolean }): Promise<void> {
  const { openProject, pickStack } = await import("./stack-context.js");
  const context = await openProject(options);
  const current = currentOf(() => pickStack(process.env.PULUMI_STACK, context));
  if (options.json) {
    const list = context.stacks.map((name) => ({ name, current: name === current }));
    process.stdout.write(`${JSON.stringify(list, undefined, 2)}\n`);
  } else if (context.stacks.length === 0) {
    process.stdout.write(`Project ${context.project.name} has no stacks yet: \`images up\` makes dev.\n`);
  } else {
    for (const name of context.stacks) process.stdout.write(`${name === current ? "*" : " "} ${name}\n`);
  }
}

/** None where several stand and none is selected. */
function currentOf(pick: () => string): string | undefined {
  try {
    return pick();
  } catch {
    return undefined;
  }
}
