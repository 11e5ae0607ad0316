import type { Command } from "commander";
import { UserError } from "../../deployer/user-error";
import { action } from "../action";
import { withStack } from "../command-options";
import type { StackOptions } from "../command-options";

export function addConfigGet(config: Command): void {
  withStack(config.command("get <key>"))
    .description("print a value, a secret in plain text")
    .action(
      action((key: string, _: unknown, command: Command) => runConfigGet(key, command.optsWithGlobals())),
    );
}

async function runConfigGet(name: string, options: StackOptions): Promise<void> {
  const { openStack } = await import("./stack-context.js");
  const { fullKey } = await import("../../deployer/project/stack-config.js");
  const { project, config, stack, passphrase } = await openStack(options);
  const key = fullKey(name, project.name);
  const crypter = config.hasSecrets && config.salt ? await passphrase.open(config.salt) : undefined;
  const declared = project.config.get(key)?.value;
  const value = config.read(key, crypter)?.value ?? (declared === undefined ? undefined : textOf(declared));
  if (value === undefined) throw new UserError(`Stack ${stack} has no configuration ${name}.`);
  process.stdout.write(`${value}\n`);
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));
