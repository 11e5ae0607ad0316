import type { Command } from "commander";
import { UserError } from "../../deployer/user-error";
import { action } from "../action";
import { withStack } from "../command-options";
import type { StackOptions } from "../command-options";

export function addConfigSet(config: Command): void {
  withStack(config.command("set <key> [value]"))
    .description("set a value; without one it is asked for, or read from standard input")
    .option("--secret", "encrypt it")
    .option("--plaintext", "keep it in plain text")
    .action(
      action((key: string, value: string | undefined, _: unknown, command: Command) =>
        runConfigSet(key, value, command.optsWithGlobals()),
      ),
    );
}

async function runConfigSet(
  name: string,
  given: string | undefined,
  options: StackOptions & { secret?: boolean; plaintext?: boolean },
): Promise<void> {
  const { openStack } = await import("./stack-context.js");
  const { fullKey } = await import("../../deployer/project/stack-config.js");
  const { project, config, crypter } = await openStack(options);
  const key = fullKey(name, project.name);
  if (project.config.get(key)?.secret && !options.secret && !options.plaintext) {
    throw new UserError(`Pulumi.yaml says that ${name} is secret: set it with --secret.`);
  }
  const value = given ?? (await askValue(name, !!options.secret));
  config.setValue(key, value, options.secret ? await crypter() : undefined);
  await config.save();
}

async function askValue(key: string, secret: boolean): Promise<string> {
  const { askHidden, askLine, isInteractive, readInput } = await import("../terminal.js");
  if (!isInteractive()) return readInput();
  return secret ? askHidden(`Value of ${key}`) : askLine(`Value of ${key}: `);
}
