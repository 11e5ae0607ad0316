import type { Command } from "commander";
import { Option } from "commander";
import type { VisibleImage } from "../../provider/engine/requests";
import { action } from "./action";
import { withStack } from "./command-options";
import type { RegionOptions } from "./open-lookups";

interface ListOptions extends RegionOptions {
  visibility?: VisibleImage["visibility"];
  json?: boolean;
}

export function addList(program: Command): void {
  withStack(program.command("list"))
    .description("the images that the account sees: public, marketplace, its own, and those shared with it")
    .option(
      "--region <name>",
      "default: images:region of the stack's configuration, else the endpoint's first",
    )
    .option(
      "--account <name>",
      "default: images:account of the stack's configuration, else the region's first",
    )
    .addOption(
      new Option("--visibility <which>", "only these").choices([
        "public",
        "marketplace",
        "private",
        "shared",
      ]),
    )
    .option("-j, --json", "as JSON")
    .action(action(runList));
}

async function runList(options: ListOptions): Promise<void> {
  const { withLookups } = await import("./open-lookups.js");
  const { table } = await import("../display/table.js");
  const { visibility } = options;
  const [images, scope] = await withLookups(options, async (lookups, scope) => [
    await lookups.images({ ...scope, visibility }),
    scope,
  ]);
  if (options.json) {
    const rows = images.map(({ image, visibility }) => ({ ...image, origin: undefined, visibility }));
    process.stdout.write(`${JSON.stringify(rows, undefined, 2)}\n`);
  } else if (images.length === 0) {
    process.stdout.write(
      `Account ${scope.account} sees no ${visibility ?? ""} images in region ${scope.region}.\n`.replace(
        "  ",
        " ",
      ),
    );
  } else {
    process.stdout.write(
      table(["ID", "NAME", "VISIBILITY", "TYPE", "ARCHITECTURE", "STATUS", "OS", "CREATED"], images.map(row)),
    );
  }
}

function row({ image, visibility }: VisibleImage): string[] {
  return [
    image.id,
    image.name,
    visibility,
    image.imageType,
    image.architectures.join(", "),
    image.status,
    [image.os.osName, image.os.osVersion].filter(Boolean).join(" "),
    // The public catalogue has stood for ever.
    image.createdAt.startsWith("1970-") ? "" : image.createdAt.replace(/\.\d+Z$/, "Z"),
  ];
}
