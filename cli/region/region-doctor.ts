import type { Command } from "commander";
import type { AccountAilments } from "../../provider/engine/region/accounts-survey";
import { action } from "../action";
import { withYes } from "../command-options";
import { withFile } from "./file-option";
import type { FileOptions } from "./file-option";
import type { FixOptions } from "./findings";

type DoctorOptions = FileOptions & Omit<FixOptions, "removeCutOff">;

/** `images region doctor`: of what the operator of a team's region owns, and how the accounts are. */
export function addRegionDoctor(region: Command): void {
  withYes(withFile(region.command("doctor")))
    .description(
      "find what nothing owns and what is missing of the disks that a team's regions offer, and which accounts " +
        "have something to mend; changes nothing",
    )
    .option("--fix", "remove of the operator's what certainly nothing owns; asks first")
    .option("-j, --json", "as JSON")
    .action(action(runDoctor));
}

async function runDoctor({ file, ...options }: DoctorOptions): Promise<number> {
  const { tellAndMend } = await import("./findings.js");
  const { readTeamFile } = await import("../../provider/engine/region/team-file.js");
  const { OperatorDoctor } = await import("../../provider/engine/region/operator-doctor.js");
  const doctor = await OperatorDoctor.open((await readTeamFile(file)).catalog);
  const examine = async () => {
    const { findings, accounts } = await doctor.examine();
    return { findings, remarks: await remarks(accounts), more: { accounts } };
  };
  try {
    return await tellAndMend(doctor, examine, options);
  } finally {
    await doctor.close();
  }
}

async function remarks(accounts: readonly AccountAilments[]): Promise<string> {
  if (accounts.length === 0) return "";
  const { table } = await import("../../deployer/display/table.js");
  const rows = accounts.map(({ region, account, isGone, unnamed, strays, missing }) => [
    `${region}/${account}${isGone ? " (no account)" : ""}`,
    ...[unnamed, strays, missing].map(String),
  ]);
  return (
    "These accounts have something to mend, by images doctor of their own:\n" +
    table(["ACCOUNT", "UNNAMED DISKS", "STRAY OBJECTS", "MISSING OBJECTS"], rows)
  );
}
