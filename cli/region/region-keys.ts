import type { Command } from "commander";
import type { OperatorKeys } from "../../provider/engine/region/operator-keys";
import { action } from "../action";
import { withFile } from "./file-option";
import type { FileOptions } from "./file-option";
import { printJson, sealedCount, seconds } from "./keys/list";
import { ROTATIONS, told } from "./keys/rotate";

/** `images region keys …`: the operator's own, which seal the disks that a team's regions offer. */
export function addRegionKeys(region: Command): void {
  const keys = region
    .command("keys")
    .description("the keys that seal the disk files which a team's regions offer, one a region");
  withFile(keys.command("list"))
    .description("which there are, and how much is sealed under each")
    .option("-j, --json", "as JSON")
    .action(
      action(({ file, json }: FileOptions & { json?: boolean }) =>
        withKeys(file, (keys) => list(keys, json)),
      ),
    );
  for (const verb of ["rotate", "rewrap"] as const) {
    withFile(keys.command(`${verb} <key>`))
      .description(ROTATIONS[verb])
      .action(
        action((id: string, { file }: FileOptions) =>
          withKeys(file, async (keys) => {
            process.stdout.write(`${told(await keys[verb](id))}\n`);
          }),
        ),
      );
  }
  addState(keys, "disable", "let no disk that the region offers be read until the key is enabled");
  addState(keys, "enable", "let a disabled key be used again");
}

function addState(keys: Command, verb: "disable" | "enable", description: string): void {
  withFile(keys.command(`${verb} <key>`))
    .description(description)
    .action(
      action((id: string, { file }: FileOptions) =>
        withKeys(file, async (keys) => {
          const { region } = await keys[verb](id);
          process.stdout.write(`Master key ${id} of region ${region} is ${verb}d.\n`);
        }),
      ),
    );
}

async function withKeys(file: string, work: (keys: OperatorKeys) => Promise<void>): Promise<void> {
  const { readTeamFile } = await import("../../provider/engine/region/team-file.js");
  const { OperatorKeys } = await import("../../provider/engine/region/operator-keys.js");
  const keys = await OperatorKeys.open((await readTeamFile(file)).catalog);
  try {
    await work(keys);
  } finally {
    await keys.close();
  }
}

async function list(keys: OperatorKeys, json = false): Promise<void> {
  const uses = await keys.list();
  if (json) return printJson(uses);
  if (uses.length === 0) {
    process.stdout.write("No region offers an image with a disk file: there is nothing sealed yet.\n");
    return;
  }
  const { table } = await import("../../deployer/display/table.js");
  const rows = uses.map(({ key, ...use }) => [
    key.id,
    key.region,
    key.state,
    String(key.version),
    sealedCount(use),
    seconds(key.createdAt),
  ]);
  process.stdout.write(table(["ID", "REGION", "STATE", "VERSION", "SEALS", "CREATED"], rows));
}
