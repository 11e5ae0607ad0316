import type { Command } from "commander";
import { UserError } from "../user-error";
import { action } from "./action";
import { withStack } from "./command-options";
import type { StackOptions } from "./command-options";

interface ConfigListOptions extends StackOptions {
  json?: boolean;
  showSecrets?: boolean;
}

export function addConfig(program: Command): void {
  const config = withStack(program.command("config"))
    .description("the stack's configuration")
    .option("-j, --json", "as JSON")
    .option("--show-secrets", "secrets in plain text")
    .action(action(runConfigList));
  withStack(config.command("set <key> [value]"))
    .description("set a value; without one it is asked for, or read from standard input")
    .option("--secret", "encrypt it")
    .option("--plaintext", "keep it in plain text")
    .action(
      action((key: string, value: string | undefined, _: unknown, command: Command) =>
        runConfigSet(key, value, command.optsWithGlobals()),
      ),
    );
  withStack(config.command("get <key>"))
    .description("print a value, a secret in plain text")
    .action(
      action((key: string, _: unknown, command: Command) => runConfigGet(key, command.optsWithGlobals())),
    );
  withStack(config.command("rm <key>"))
    .description("remove a value")
    .action(
      action((key: string, _: unknown, command: Command) => runConfigRemove(key, command.optsWithGlobals())),
    );
}

async function runConfigList(options: ConfigListOptions): Promise<void> {
  const { openStack } = await import("./stack-context.js");
  const { config, project, passphrase } = await openStack(options);
  const crypter = options.showSecrets && config.salt ? await passphrase.open(config.salt) : undefined;
  const masked = { salt: "", encrypt: () => "", decrypt: () => "[secret]" };
  const entries = config.keys.map((key) => ({ key, ...config.read(key, crypter ?? masked)! }));
  if (options.json) {
    const shown = Object.fromEntries(entries.map(({ key, value, secret }) => [key, { value, secret }]));
    process.stdout.write(`${JSON.stringify(shown, undefined, 2)}\n`);
    return;
  }
  const name = (key: string): string =>
    key.startsWith(`${project.name}:`) ? key.slice(project.name.length + 1) : key;
  const widest = Math.max(0, ...entries.map(({ key }) => name(key).length));
  for (const { key, value } of entries) process.stdout.write(`${name(key).padEnd(widest)}  ${value}\n`);
}

async function runConfigSet(
  name: string,
  given: string | undefined,
  options: StackOptions & { secret?: boolean; plaintext?: boolean },
): Promise<void> {
  const { openStack } = await import("./stack-context.js");
  const { fullKey } = await import("../project/stack-config.js");
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
  const { askHidden, askLine, isInteractive, readInput } = await import("./terminal.js");
  if (!isInteractive()) return readInput();
  return secret ? askHidden(`Value of ${key}`) : askLine(`Value of ${key}: `);
}

async function runConfigGet(name: string, options: StackOptions): Promise<void> {
  const { openStack } = await import("./stack-context.js");
  const { fullKey } = await import("../project/stack-config.js");
  const { project, config, stack, passphrase } = await openStack(options);
  const key = fullKey(name, project.name);
  const crypter = config.hasSecrets && config.salt ? await passphrase.open(config.salt) : undefined;
  const declared = project.config.get(key)?.value;
  const value = config.read(key, crypter)?.value ?? (declared === undefined ? undefined : textOf(declared));
  if (value === undefined) throw new UserError(`Stack ${stack} has no configuration ${name}.`);
  process.stdout.write(`${value}\n`);
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

async function runConfigRemove(name: string, options: StackOptions): Promise<void> {
  const { openStack } = await import("./stack-context.js");
  const { fullKey } = await import("../project/stack-config.js");
  const { project, config, stack } = await openStack(options);
  if (!config.removeValue(fullKey(name, project.name))) {
    throw new UserError(`Stack ${stack} has no configuration ${name}.`);
  }
  await config.save();
}
