import { availableParallelism } from "node:os";
import { InvalidArgumentError, Option } from "commander";
import type { Command } from "commander";
import { neverAsk } from "./terminal";
import { isTruthy } from "../deployer/variables";

/** What every command that works on a stack takes. */
export interface StackOptions {
  stack?: string;
  cwd?: string;
  /** What the user says of a run. */
  message?: string;
}

/** What every command that runs a program or providers takes. */
export interface RunCommandOptions extends StackOptions {
  yes?: boolean;
  json?: boolean;
  parallel?: number;
  expectNoChanges?: boolean;
  skipPreview?: boolean;
}

export function withStack(command: Command): Command {
  return withProject(command).option(
    "-s, --stack <name>",
    "the stack; default: PULUMI_STACK, else the selected one, else the only one, else dev",
  );
}

/** For commands that look into a region. */
export function withRegion(command: Command): Command {
  return command
    .option(
      "--region <name>",
      "default: images:region of the stack's configuration, else the endpoint's first",
    )
    .option(
      "--account <name>",
      "default: images:account of the stack's configuration, else the region's first",
    );
}

export function withProject(command: Command): Command {
  return command
    .option("-C, --cwd <folder>", "run as if in this folder")
    .option("--non-interactive", "ask nobody anything")
    .on("option:non-interactive", neverAsk);
}

export function withRun(command: Command): Command {
  return withStack(command)
    .option("-j, --json", "print engine events, one JSON object a line, and nothing else")
    .addOption(
      new Option("-p, --parallel <n>", "steps at work at the same time")
        .env("PULUMI_PARALLEL")
        .argParser(positiveInteger)
        .default(4 * availableParallelism(), "four for each processor"),
    )
    .option("-m, --message <text>", "stands with the run in the stack's history")
    .option("--expect-no-changes", "fail if anything would change or has changed");
}

export function withYes(command: Command): Command {
  const skip = isTruthy(process.env.PULUMI_SKIP_CONFIRMATIONS);
  return command.option("-y, --yes", "don't ask for confirmation", skip);
}

export function withSkipPreview(command: Command): Command {
  return command.option("-f, --skip-preview", "neither preview first nor ask: a refusal may come half-way");
}

export function positiveInteger(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text))
    throw new InvalidArgumentError("It must be a whole number from 1 to 9999.");
  return Number(text);
}
