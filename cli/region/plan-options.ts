import type { Command } from "commander";
import { withYes } from "../command-options";
import { neverAsk } from "../terminal";

/** What every command of an operator takes that shows a plan and asks before it does it. */
export interface PlanOptions {
  yes?: boolean;
  preview?: boolean;
  json?: boolean;
}

/** `verb`: what the command does: "change", "copy". */
export function withPlan(command: Command, verb: string): Command {
  return withYes(command)
    .option("--preview", `show what it would ${verb}, and ${verb} nothing`)
    .option("--non-interactive", "ask nobody anything")
    .on("option:non-interactive", neverAsk)
    .option("-j, --json", "as JSON");
}
