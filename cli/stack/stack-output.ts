import type { Command } from "commander";
import { UserError } from "../../deployer/user-error";
import { action } from "../action";
import { withStack } from "../command-options";
import type { StackOptions } from "../command-options";

interface OutputOptions extends StackOptions {
  json?: boolean;
  showSecrets?: boolean;
}

export function addStackOutput(stack: Command): void {
  withStack(stack.command("output [name]"))
    .description("the stack's outputs, or one of them")
    .option("-j, --json", "as JSON")
    .option("--show-secrets", "secrets in plain text")
    .action(action(runStackOutput));
}

async function runStackOutput(name: string | undefined, options: OutputOptions): Promise<void> {
  const { openExistingStack } = await import("./stack-context.js");
  const { revealed, withoutSecrets } = await import("../../deployer/display/value-text.js");
  const { ROOT_STACK_TYPE } = await import("../../deployer/wire/urn.js");
  const { store, stack } = await openExistingStack(options);
  const { snapshot } = await store.load();
  const root = snapshot.resources.find(({ type }) => type === ROOT_STACK_TYPE);
  const shown = options.showSecrets ? revealed : withoutSecrets;
  const outputs = Object.fromEntries(
    Object.entries(root?.outputs ?? {}).map(([key, value]) => [key, shown(value)]),
  );
  if (name !== undefined && !(name in outputs)) {
    throw new UserError(
      `Stack ${stack} has no output ${name}; it has ${Object.keys(outputs).join(", ") || "none"}.`,
    );
  }
  const value = name === undefined ? outputs : outputs[name];
  if (options.json) process.stdout.write(`${JSON.stringify(value, undefined, 2)}\n`);
  else if (name !== undefined) process.stdout.write(`${plain(value)}\n`);
  else for (const [key, item] of Object.entries(outputs)) process.stdout.write(`${key}\t${plain(item)}\n`);
}

const plain = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));
