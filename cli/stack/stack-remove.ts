import type { Command } from "commander";
import { EXIT, UserError } from "../../deployer/user-error";
import { action } from "../action";
import { withStack, withYes } from "../command-options";
import type { StackOptions } from "../command-options";

interface RemoveOptions extends StackOptions {
  yes?: boolean;
  force?: boolean;
  preserveConfig?: boolean;
}

export function addStackRemove(stack: Command): void {
  withYes(withStack(stack.command("rm [name]")))
    .description("remove a stack that has nothing left, with its history and configuration")
    .option("-f, --force", "also one that still has resources: they stay where they are, and are forgotten")
    .option("--preserve-config", "keep Pulumi.<stack>.yaml")
    .action(action(runStackRemove));
}

async function runStackRemove(name: string | undefined, options: RemoveOptions): Promise<number> {
  const { rm } = await import("node:fs/promises");
  const { openExistingStack } = await import("./stack-context.js");
  const { removeStack } = await import("../../deployer/state/stack-admin.js");
  const { requireConsent, consent } = await import("../consent.js");
  const { isProviderType, ROOT_STACK_TYPE } = await import("../../deployer/wire/urn.js");
  requireConsent({ yes: options.yes }, EXIT.failed);
  const { store, stack, config } = await openExistingStack({ ...options, stack: name ?? options.stack });
  const { snapshot } = options.force ? { snapshot: { resources: [] } } : await store.load();
  const left = snapshot.resources.filter(
    ({ type }) => type !== ROOT_STACK_TYPE && !isProviderType(type),
  ).length;
  if (left > 0) {
    throw new UserError(
      `Stack ${stack} still has ${left} resources. \`images destroy\` deletes them; --force forgets them and leaves them where they are.`,
    );
  }
  if (!(await consent(`Remove stack ${stack} and its history for good?`, { yes: options.yes }))) return 1;
  await removeStack(store);
  if (!options.preserveConfig) await rm(config.path, { force: true });
  process.stdout.write(`Removed stack ${stack}.\n`);
  return 0;
}
