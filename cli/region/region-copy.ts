import { Option } from "commander";
import type { Command } from "commander";
import type { PlannedCopy } from "../../provider/engine/region/copy/open-copy";
import { action } from "../action";
import { positiveInteger } from "../command-options";
import { copyProgress } from "./copy-progress";
import { withPlan } from "./plan-options";
import type { PlanOptions } from "./plan-options";

interface CopyOptions extends PlanOptions {
  work?: string;
  parallel: number;
}

export function addRegionCopy(region: Command): void {
  withPlan(region.command("copy <from> <to>"), "copy")
    .description(
      "copy all that an embedded region holds to a team's: from its folder to postgres://…; asks first",
    )
    .option("--work <folder>", "where disks stand on their way; default: the system's temporary folder")
    .addOption(
      new Option("--parallel <n>", "disks on their way at the same time, each with its room in --work")
        .argParser(positiveInteger)
        .default(4),
    )
    .action(action(runRegionCopy));
}

async function runRegionCopy(
  from: string,
  to: string,
  { preview, work, parallel, ...options }: CopyOptions,
): Promise<number> {
  const { requireConsent, consent } = await import("../consent.js");
  const { openCopy } = await import("../../provider/engine/region/copy/open-copy.js");
  const copy = await openCopy(from, to, { workFolder: work, lanes: parallel });
  try {
    const { records, keys, refusals } = copy.plan;
    const isToBeDone = records.length + keys.length > 0 && refusals.length === 0 && !preview;
    if (!options.json) process.stdout.write(shown(copy));
    if (isToBeDone) requireConsent(options);
    const isWanted = isToBeDone && (await consent("Copy it?", options));
    const left = isWanted ? await copy.run(copyProgress()) : [];
    if (options.json)
      process.stdout.write(`${JSON.stringify(summary(copy, isWanted, left), undefined, 2)}\n`);
    else if (isWanted) process.stdout.write(outcome(copy, left));
    return refusals.length + left.length > 0 || (isToBeDone && !isWanted) ? 1 : 0;
  } finally {
    await copy.close();
  }
}

function shown({ from, to, plan }: PlannedCopy): string {
  const { records, contents, keys, present, refusals } = plan;
  const lines = [`From the region in ${from} to ${to}:`];
  if (present > 0) lines.push(`  ${count(present, "record")} there already`);
  if (records.length + keys.length === 0 && refusals.length === 0)
    lines.push("Nothing to do: all of it is there.");
  else {
    for (const [kind, of] of Object.entries(byKind(plan))) lines.push(`+ ${count(of, kind)}`);
    const size = contents.reduce((sum, { size }) => sum + size, 0);
    if (contents.length > 0) lines.push(`+ ${count(contents.length, "disk")}, ${size} GiB of virtual size`);
    if (keys.length > 0)
      lines.push(`+ ${count(keys.length, "master key")}, with the same IDs and new secrets`);
    const sealed = contents.filter(({ wrappedKey }) => wrappedKey !== undefined).length;
    if (sealed > 0) {
      lines.push(
        `  ${count(sealed, "encrypted disk")} among them: each is opened in a folder of --work that only you can read,`,
        "  sealed anew, and its open copy removed. Name a folder whose file system is encrypted, or in memory.",
      );
    }
  }
  lines.push(...refusals.map((refusal) => `! ${refusal}`));
  if (refusals.length > 0) lines.push("", "Nothing was copied.");
  return `${lines.join("\n")}\n`;
}

function byKind({ records }: PlannedCopy["plan"]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { kind } of records) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

function outcome({ to }: PlannedCopy, left: readonly string[]): string {
  if (left.length > 0)
    return `${left.map((each) => `! ${each}`).join("\n")}\nRun the copy again for these.\n`;
  return `Copied, each disk read back and its checksum compared. Point stacks there: images config set images:endpoint ${to}\n`;
}

function summary(copy: PlannedCopy, copied: boolean, left: readonly string[]): object {
  const { contents, keys, present, refusals } = copy.plan;
  const disks = contents.map(({ id }) => id);
  return {
    records: byKind(copy.plan),
    disks,
    keys: keys.map(({ id }) => id),
    present,
    refusals,
    copied,
    left,
  };
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
