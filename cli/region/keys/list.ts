import type { Command } from "commander";
import type { KeyUse } from "../../../provider/engine/engine";
import { action } from "../../action";
import { withRegion, withStack } from "../../command-options";
import type { RegionOptions } from "../open-lookups";
import { withKeys } from "./open-keys";

export function addKeysList(keys: Command): void {
  withRegion(withStack(keys.command("list")))
    .description("the account's master keys in a region, and how much is sealed under each")
    .option("--sealing", "also the key that seals the account's disks in a team region's bucket")
    .option("-j, --json", "as JSON")
    .action(action(runKeysList));
}

async function runKeysList(options: RegionOptions & { json?: boolean; sealing?: boolean }): Promise<void> {
  const { table } = await import("../../../deployer/display/table.js");
  const [uses, { region, account }] = await withKeys(options, async (keys, scope) => [
    await keys.list({ sealing: options.sealing }),
    scope,
  ]);
  if (options.json) printJson(uses);
  else if (uses.length === 0) {
    process.stdout.write(`Account ${account} has no master keys in region ${region}.\n`);
  } else {
    process.stdout.write(
      table(["ID", "NAME", "DEFAULT", "STATE", "VERSION", "SEALS", "CREATED"], uses.map(row)),
    );
  }
}

export function printJson(uses: readonly KeyUse[]): void {
  const rows = uses.map(({ key, sealed, older }) => ({ ...key, sealed, older }));
  process.stdout.write(`${JSON.stringify(rows, undefined, 2)}\n`);
}

function row({ key, sealed, older }: KeyUse): string[] {
  const { id, name, isDefault, state, version, createdAt, deletedAt } = key;
  return [
    id,
    name,
    isDefault ? "yes" : "",
    deletedAt === undefined ? state : `deleted at ${seconds(deletedAt)}`,
    String(version),
    sealedCount({ sealed, older }),
    seconds(createdAt),
  ];
}

export function sealedCount({ sealed, older }: Pick<KeyUse, "sealed" | "older">): string {
  return older === 0 ? String(sealed.length) : `${sealed.length}, ${older} by older versions`;
}

export function seconds(time: string): string {
  return time.replace(/\.\d+Z$/, "Z");
}
