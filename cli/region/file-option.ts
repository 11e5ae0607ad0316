import type { Command } from "commander";

export interface FileOptions {
  file: string;
}

/** The option of the operator's commands that work on what was applied. */
export function withFile(command: Command): Command {
  return command.option("-f, --file <path>", "the region's file, which names its database", "region.yaml");
}
