import type { Command } from "commander";
import { action } from "../action";
import { withStack, withYes } from "../command-options";
import type { StackOptions } from "../command-options";
import type { FixOptions } from "./findings";

export function addDoctor(program: Command): void {
  withYes(withStack(program.command("doctor")))
    .description(
      "find what nothing owns and what is missing in the region: of all accounts, in a team's of one's own; changes nothing",
    )
    .option("--fix", "remove what certainly nothing owns; asks first")
    .option(
      "--remove-cut-off",
      "remove also what cut-off runs made and later ones made anew; a stack elsewhere might know it",
    )
    .option("-j, --json", "as JSON")
    .action(action(runDoctor));
}

async function runDoctor(options: StackOptions & FixOptions): Promise<number> {
  const { tellAndMend } = await import("./findings.js");
  const { withEngine } = await import("./open-lookups.js");
  return withEngine(options, ({ doctor }) =>
    tellAndMend(doctor, async () => ({ findings: await doctor.examine() }), options),
  );
}
