import type { ExitCode } from "../deployer/user-error";
import { EXIT, UserError } from "../deployer/user-error";
import type { RunCommandOptions } from "./command-options";
import { confirm, isInteractive } from "./terminal";

/** Refuses at once what would have to ask and can't; `exitCode` is the one that the Pulumi CLI has for it. */
export function requireConsent(
  { yes, json, skipPreview }: RunCommandOptions,
  exitCode: ExitCode = EXIT.needsYes,
): void {
  if (yes || skipPreview) return;
  if (json || !isInteractive()) {
    throw new UserError(
      "--yes is needed where nobody can be asked: this is no terminal, or --json is given.",
      { exitCode },
    );
  }
}

export async function consent(question: string, { yes, skipPreview }: RunCommandOptions): Promise<boolean> {
  if (yes || skipPreview || (await confirm(`\n${question}`))) return true;
  process.stdout.write("Nothing was changed.\n");
  return false;
}
