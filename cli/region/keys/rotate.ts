import type { Command } from "commander";
import type { Rewrapped } from "../../../provider/engine/engine";
import { action } from "../../action";
import { withRegion, withStack } from "../../command-options";
import type { RegionOptions } from "../open-lookups";
import { withKeys } from "./open-keys";

export const ROTATIONS = {
  rotate: "give the key new secret material, and wrap every data key anew by it; no disk is written",
  rewrap: "wrap anew what earlier versions of the key have wrapped: carries on a rotation that was cut off",
};

/** `images keys rotate | rewrap`. */
export function addKeysRotate(keys: Command): void {
  for (const verb of ["rotate", "rewrap"] as const) {
    withRegion(withStack(keys.command(`${verb} <key>`)))
      .description(ROTATIONS[verb])
      .action(
        action(async (id: string, _: unknown, command: Command) => {
          const options: RegionOptions = command.optsWithGlobals();
          const rewrapped = await withKeys(options, (keys) => keys[verb](id));
          process.stdout.write(`${told(rewrapped)}\n`);
        }),
      );
  }
}

export function told({ key: { id, version }, count }: Rewrapped): string {
  const what = count === 1 ? "1 data key was" : `${count} data keys were`;
  return `Master key ${id} is at version ${version}; ${what} wrapped anew.`;
}
