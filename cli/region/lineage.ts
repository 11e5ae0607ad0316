import type { Command } from "commander";
import { Option } from "commander";
import type { LineagePicture } from "../lineage/words";
import { action } from "../action";
import { withRegion, withStack } from "../command-options";
import type { RegionOptions } from "./open-lookups";

interface LineageOptions extends RegionOptions {
  format: "text" | "mermaid" | "html";
  out?: string;
}

export function addLineage(program: Command): void {
  withRegion(withStack(program.command("lineage")))
    .argument("[of]", "ID or name of an image, instance, volume or disk file: only what belongs to it")
    .description("what the account's images were made from, and what was made from them")
    .addOption(
      new Option("--format <format>", "a tree, a Mermaid flowchart, or a page for browsers")
        .choices(["text", "mermaid", "html"])
        .default("text"),
    )
    .option("--out <file>", "instead of standard output")
    .action(action(runLineage));
}

async function runLineage(of: string | undefined, options: LineageOptions): Promise<void> {
  const { withLookups } = await import("./open-lookups.js");
  const picture = await withLookups(options, async (lookups, scope) => ({
    graph: await lookups.lineage({ ...scope, of }),
    quotas: await lookups.quotas(scope),
  }));
  const rendered = await render(picture, options);
  const { out } = options;
  if (out === undefined) {
    process.stdout.write(rendered);
    return;
  }
  const { writeFile } = await import("node:fs/promises");
  const { fileError } = await import("../../deployer/user-error.js");
  await writeFile(out, rendered).catch((error: unknown) => {
    throw fileError(`Writing ${out}`, error);
  });
}

async function render(picture: LineagePicture, { format, out }: LineageOptions): Promise<string> {
  switch (format) {
    case "html":
      return (await import("../lineage/html.js")).lineageHtml(picture);
    case "mermaid":
      return (await import("../lineage/mermaid.js")).lineageMermaid(picture);
    case "text": {
      const { lineageText } = await import("../lineage/text.js");
      if (out !== undefined) return lineageText(picture);
      const { colors, columns } = await import("../output-style.js");
      return lineageText(picture, { width: columns(), colors: colors() });
    }
  }
}
