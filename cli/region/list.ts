import type { Command } from "commander";
import { InvalidArgumentError, Option } from "commander";
import type { VisibleImage } from "../../provider/engine/engine";
import { action } from "../action";
import { withRegion, withStack } from "../command-options";
import type { RegionOptions } from "./open-lookups";

interface ListOptions extends RegionOptions {
  visibility?: VisibleImage["visibility"];
  tag?: Record<string, string>;
  json?: boolean;
  csv?: boolean;
}

export function addList(program: Command): void {
  withRegion(withStack(program.command("list")))
    .description("the images that the account sees: public, marketplace, its own, and those shared with it")
    .addOption(
      new Option("--visibility <which>", "only these").choices([
        "public",
        "marketplace",
        "private",
        "shared",
      ]),
    )
    .addOption(
      new Option("--tag <key=value>", "only those with this tag; may be repeated").argParser(withTag),
    )
    .option("-j, --json", "as JSON")
    .addOption(new Option("--csv", "as CSV (RFC 4180), oldest first").conflicts("json"))
    .action(action(runList));
}

async function runList(options: ListOptions): Promise<void> {
  const { withLookups } = await import("./open-lookups.js");
  const { table } = await import("../../deployer/display/table.js");
  const { visibility, tag: tags } = options;
  const [images, scope] = await withLookups(options, async (lookups, scope) => [
    await lookups.images({ ...scope, visibility, tags }),
    scope,
  ]);
  if (options.json) {
    process.stdout.write(`${JSON.stringify(images.map(shown), undefined, 2)}\n`);
  } else if (options.csv) {
    const { imagesCsv } = await import("../../provider/engine/images-csv.js");
    process.stdout.write(imagesCsv(images));
  } else if (images.length === 0) {
    process.stdout.write(
      `Account ${scope.account} sees no ${visibility ? `${visibility} ` : ""}images in region ${scope.region}` +
        `${tags ? " with these tags" : ""}.\n`,
    );
  } else {
    process.stdout.write(
      table(["ID", "NAME", "VISIBILITY", "TYPE", "ARCHITECTURE", "STATUS", "OS", "CREATED"], images.map(row)),
    );
  }
}

/** What the catalogue keeps for itself isn't shown. */
function shown({ image, visibility }: VisibleImage): object {
  const { origin: _origin, wrappedKey: _wrappedKey, scratch: _scratch, ...rest } = image;
  return { ...rest, visibility };
}

function withTag(text: string, before: Record<string, string> = {}): Record<string, string> {
  const at = text.indexOf("=");
  if (at < 1) throw new InvalidArgumentError("It must be <key>=<value>.");
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
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
