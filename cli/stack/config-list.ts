import type { Command } from "commander";
import { action } from "../action";
import { withStack } from "../command-options";
import type { StackOptions } from "../command-options";

interface ConfigListOptions extends StackOptions {
  json?: boolean;
  showSecrets?: boolean;
}

/** The list is what `config` alone does. */
export function addConfigList(config: Command): void {
  withStack(config)
    .option("-j, --json", "as JSON")
    .option("--show-secrets", "secrets in plain text")
    .action(action(runConfigList));
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
