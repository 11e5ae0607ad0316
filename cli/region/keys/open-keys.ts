import type { Command } from "commander";
import type { OwnedKeys } from "../../../provider/engine/requests";
import { withStack } from "../../command-options";
import type { RegionOptions, Scope } from "../open-lookups";

/** The options of every command that works on an account's keys. */
export function withOwner(command: Command): Command {
  return withStack(command)
    .option(
      "--region <name>",
      "default: images:region of the stack's configuration, else the endpoint's first",
    )
    .option(
      "--account <name>",
      "default: images:account of the stack's configuration, else the region's first",
    );
}

/** Works on the keys of the account that the options or the stack's configuration name. */
export async function withKeys<T>(
  options: RegionOptions,
  work: (keys: OwnedKeys, scope: Scope) => Promise<T>,
): Promise<T> {
  const { withEngine } = await import("../open-lookups.js");
  return withEngine(options, (engine) => work(engine.keys(engine.defaults), engine.defaults));
}
