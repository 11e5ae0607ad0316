import type { Command } from "commander";
import type { MasterKey } from "../../../provider/engine/keys/key-service";
import { action } from "../../action";
import { withRegion, withStack } from "../../command-options";
import type { RegionOptions } from "../open-lookups";
import { withKeys } from "./open-keys";

interface Change {
  verb: string;
  description: string;
  change: "disable" | "enable" | "cancelDeletion";
  done(key: MasterKey): string;
}

const CHANGES: readonly Change[] = [
  {
    verb: "disable",
    description: "let nothing be sealed or opened with the key until it is enabled; nothing is lost",
    change: "disable",
    done: ({ id }) => `Disabled master key ${id}. To use it again: images keys enable ${id}`,
  },
  {
    verb: "enable",
    description: "let a disabled key be used again",
    change: "enable",
    done: ({ id }) => `Enabled master key ${id}.`,
  },
  {
    verb: "restore",
    description: "take back a deletion that isn't due yet",
    change: "cancelDeletion",
    done: ({ id, state }) => `Master key ${id} stays. It is ${state}.`,
  },
];

/** The commands that change a key and ask nothing. */
export function addKeyChanges(keys: Command): void {
  for (const { verb, description, change, done } of CHANGES) {
    withRegion(withStack(keys.command(`${verb} <key>`)))
      .description(description)
      .action(
        action(async (id: string, _: unknown, command: Command) => {
          const options: RegionOptions = command.optsWithGlobals();
          const key = await withKeys(options, (keys) => keys[change](id));
          process.stdout.write(`${done(key)}\n`);
        }),
      );
  }
}
