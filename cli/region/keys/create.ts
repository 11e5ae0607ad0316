import type { Command } from "commander";
import { action } from "../../action";
import { withRegion, withStack } from "../../command-options";
import type { RegionOptions } from "../open-lookups";
import { withKeys } from "./open-keys";

export function addKeysCreate(keys: Command): void {
  withRegion(withStack(keys.command("create")))
    .description("make a master key; the account's first one in a region is its default one")
    .option("--name <name>", "default: its ID")
    .action(action(runKeysCreate));
}

async function runKeysCreate(options: RegionOptions & { name?: string }): Promise<void> {
  const { id, name, isDefault, region, account } = await withKeys(options, (keys) =>
    keys.create(options.name),
  );
  const what = isDefault ? "default master key" : "master key";
  process.stdout.write(`Made ${what} ${name} (${id}) of account ${account} in region ${region}.\n`);
}
