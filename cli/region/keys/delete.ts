import { InvalidArgumentError, Option } from "commander";
import type { Command } from "commander";
import { action } from "../../action";
import { withRegion, withStack, withYes } from "../../command-options";
import type { RegionOptions } from "../open-lookups";
import { withKeys } from "./open-keys";

interface DeleteOptions extends RegionOptions {
  days: number;
  yes?: boolean;
}

const SHOWN = 10;

export function addKeysDelete(keys: Command): void {
  withYes(withRegion(withStack(keys.command("delete <key>"))))
    .description(
      "destroy a key in 7 to 30 days, with all that is sealed under it; until then it can be restored",
    )
    .addOption(new Option("--days <n>", "days from now").argParser(wholeNumber).makeOptionMandatory())
    .action(
      action((key: string, _: unknown, command: Command) => runKeysDelete(key, command.optsWithGlobals())),
    );
}

async function runKeysDelete(id: string, options: DeleteOptions): Promise<number> {
  const { requireConsent, consent } = await import("../../consent.js");
  requireConsent({ yes: options.yes });
  return withKeys(options, async (keys) => {
    const sealed = (await keys.list()).find(({ key }) => key.id === id)?.sealed ?? [];
    if (sealed.length > 0) process.stdout.write(`${whatIsLost(id, sealed)}\n`);
    const question = `Delete master key ${id} in ${options.days} days?`;
    if (!(await consent(question, { yes: options.yes }))) return 1;
    const { deletedAt } = await keys.scheduleDeletion(id, options.days);
    process.stdout.write(
      `Master key ${id} is deleted at ${deletedAt}. Until then: images keys restore ${id}\n`,
    );
    return 0;
  });
}

function whatIsLost(id: string, sealed: readonly string[]): string {
  const more = sealed.length > SHOWN ? ` and ${sealed.length - SHOWN} more` : "";
  return `Sealed under ${id}, and not to be read any more once it is deleted: ${sealed.slice(0, SHOWN).join(", ")}${more}.`;
}

function wholeNumber(text: string): number {
  if (!/^\d{1,4}$/.test(text)) throw new InvalidArgumentError("It must be a whole number.");
  return Number(text);
}
