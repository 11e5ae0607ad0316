import type { Command } from "commander";
import { UserError } from "../../deployer/user-error";
import { action } from "../action";
import { withStack } from "../command-options";
import type { StackOptions } from "../command-options";

interface ImportOptions extends StackOptions {
  file?: string;
}

export function addStackImport(stack: Command): void {
  withStack(stack.command("import"))
    .description("replace the stack's state with an exported one; the old one stays in its history")
    .option("--file <path>", "read from this file instead of standard input")
    .action(action(runStackImport));
}

async function runStackImport(options: ImportOptions): Promise<void> {
  const { readFile } = await import("node:fs/promises");
  const { openExistingStack } = await import("./stack-context.js");
  const { importStack } = await import("../../deployer/state/stack-admin.js");
  const { fileError } = await import("../../deployer/user-error.js");
  const { readInput } = await import("../terminal.js");
  const { store, stack } = await openExistingStack(options);
  if (!options.file && process.stdin.isTTY) throw new UserError("Name the file to import with --file.");
  const source = options.file ?? "standard input";
  const text = options.file
    ? await readFile(options.file, "utf8").catch((error: unknown) => {
        throw fileError(`Reading ${options.file}`, error);
      })
    : await readInput();
  const resources = await importStack(store, text, source);
  process.stdout.write(`Stack ${stack} now has the ${resources} resources of ${source}.\n`);
}
