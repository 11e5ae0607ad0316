import type { Command } from "commander";
import { action } from "../action";
import { withRegion, withStack } from "../command-options";
import type { RegionOptions } from "./open-lookups";

export function addQuotas(program: Command): void {
  withRegion(withStack(program.command("quotas")))
    .description("the account's quotas in a region, and what of them is used")
    .option("-j, --json", "as JSON")
    .action(action(runQuotas));
}

async function runQuotas(options: RegionOptions & { json?: boolean }): Promise<void> {
  const { withLookups } = await import("./open-lookups.js");
  const { table } = await import("../../deployer/display/table.js");
  const quotas = await withLookups(options, (lookups, scope) => lookups.quotas(scope));
  if (options.json) {
    process.stdout.write(`${JSON.stringify(quotas, undefined, 2)}\n`);
    return;
  }
  const { region, account, privateImages, snapshots, acceptedShares, membersPerImage } = quotas;
  const row = (name: string, { used, limit }: { used?: number; limit: number }): string[] => [
    name,
    used === undefined ? "" : String(used),
    String(limit),
    used === undefined ? "" : String(Math.max(0, limit - used)),
  ];
  process.stdout.write(`Account ${account} in region ${region}\n`);
  process.stdout.write(
    table(
      ["QUOTA", "USED", "LIMIT", "LEFT"],
      [
        row("private images", privateImages),
        row("snapshots", snapshots),
        row("accepted shares", acceptedShares),
        row("members of an image", membersPerImage),
      ],
    ),
  );
}
