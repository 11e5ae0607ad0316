import type { Command } from "commander";
import { action } from "../action";
import { withStack } from "../command-options";
import type { StackOptions } from "../command-options";

interface ExportOptions extends StackOptions {
  file?: string;
  showSecrets?: boolean;
}

export function addStackExport(stack: Command): void {
  withStack(stack.command("export"))
    .description("the stack's state as JSON, as `pulumi stack import` takes it")
    .option("--file <path>", "write to this file instead of standard output")
    .option("--show-secrets", "secrets in plain text")
    .action(action(runStackExport));
}

async function runStackExport(options: ExportOptions): Promise<void> {
  const { writeFile } = await import("node:fs/promises");
  const { openExistingStack } = await import("./stack-context.js");
  const { exportStack } = await import("../../deployer/state/stack-admin.js");
  const { fileError } = await import("../../deployer/user-error.js");
  const { store } = await openExistingStack(options);
  const text = await exportStack(store, !!options.showSecrets);
  if (!options.file) {
    process.stdout.write(text);
    return;
  }
  await writeFile(options.file, text).catch((error: unknown) => {
    throw fileError(`Writing ${options.file}`, error);
  });
}
