import type { Command } from "commander";
import { UserError } from "../../deployer/user-error";
import { action } from "../action";
import { withStack } from "../command-options";
import type { StackOptions } from "../command-options";

export function addConfigRemove(config: Command): void {
  withStack(config.command("rm <key>"))
    .description("remove a value")
    .action(
      action((key: string, _: unknown, command: Command) => runConfigRemove(key, command.optsWithGlobals())),
    );
}

async function runConfigRemove(name: string, options: StackOptions): Promise<void> {
  const { openStack } = await import("./stack-context.js");
  const { fullKey } = await import("../../deployer/project/stack-config.js");
  const { project, config, stack } = await openStack(options);
  if (!config.removeValue(fullKey(name, project.name))) {
    throw new UserError(`Stack ${stack} has no configuration ${name}.`);
  }
  await config.save();
}
