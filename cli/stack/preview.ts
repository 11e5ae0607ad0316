import type { Command } from "commander";
import { Option } from "commander";
import { action, errorText } from "../action";
import type { Display } from "../../deployer/display/events";
import type { RunResult } from "../../deployer/engine/options";
import { withRun } from "../command-options";
import type { RunCommandOptions } from "../command-options";

interface PreviewOptions extends RunCommandOptions {
  markdown?: boolean;
}

export function addPreview(program: Command): void {
  withRun(program.command("preview"))
    .description("show what `up` would do, with every rule checked; changes nothing")
    .addOption(
      new Option("--markdown", "print the plan as a comment on a pull request, and nothing else").conflicts(
        "json",
      ),
    )
    .action(
      action((options: PreviewOptions) => (options.markdown ? runMarkdown(options) : runPreview(options))),
    );
}

async function runPreview(options: RunCommandOptions): Promise<number> {
  const { exitCode } = await import("./run-stack.js");
  return exitCode(await previewed(options), options);
}

/** A comment is printed whatever comes of the preview, for whoever reads the pull request. */
async function runMarkdown(options: RunCommandOptions): Promise<number> {
  const { MarkdownPlan } = await import("../../deployer/display/markdown-plan.js");
  const { exitCode } = await import("./run-stack.js");
  const { quotaChanges } = await import("../region/quota-changes.js");
  const plan = new MarkdownPlan();
  let result: RunResult;
  try {
    result = await previewed(options, plan);
    if (result.result === "succeeded") plan.quotas = await quotaChanges(plan.steps, options);
  } catch (error) {
    plan.fail(errorText(error, false).replace(/^error: /, ""));
    throw error;
  } finally {
    process.stdout.write(plan.render());
  }
  return exitCode(result, options);
}

async function previewed(options: RunCommandOptions, display?: Display): Promise<RunResult> {
  const { openStack } = await import("./stack-context.js");
  const { startRun } = await import("./run-stack.js");
  const { preview } = await import("../../deployer/engine/preview.js");
  const run = await startRun(await openStack(options), options, { display });
  try {
    return await run.plan(preview);
  } finally {
    run.end();
  }
}
