import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fold } from "../engine/journal";
import type { JournalEntry } from "../engine/journal";
import { UserError } from "../user-error";
import { digestOf } from "./digest";
import type { StackFiles } from "./file-backend";
import type { ReadJournal } from "./journal-reader";
import { describePending, missingIn, named } from "./recovery";
import type { Snapshot } from "./resource-state";

/**
 * Tells that a journal was left beside a checkpoint that it doesn't apply to: which copy of the state it does apply to,
 * and what it alone records, so that either way out loses nothing.
 */
export async function strangeJournal(
  files: StackFiles,
  { head }: ReadJournal,
  entries: readonly JournalEntry[],
  current: Snapshot,
): Promise<UserError> {
  const { checkpoint, journal } = files;
  const copy = await findCopy(files, head.base);
  const only = whatOnlyItRecords(entries, current);
  const putBack =
    head.base === "none"
      ? `it belongs to a stack without a state: move ${checkpoint} away`
      : copy
        ? `the state that it belongs to is ${copy}: copy that to ${checkpoint}`
        : `put the state that it belongs to back as ${checkpoint}; none of its backups has it any more`;
  return new UserError(
    [
      `${journal} is left from a run that was cut off (${head.kind}, started ${head.started}), and ${checkpoint} has been ` +
        "changed since by something else, so that the two can't be brought together. Both are left as they were.",
      `- Where an older or wrong state was put there, ${putBack}.`,
      "- Where the stack has been deployed to since (by the Pulumi CLI, after `pulumi cancel`), move the journal away, and run `images refresh`, which finds what was changed or deleted.",
      only.length > 0
        ? `Only the journal records these; the state doesn't know them, so look after them yourself:`
        : `The state has every resource that the journal records as created.`,
      ...only.map((it) => `  ${it}`),
    ].join("\n"),
  );
}

/** Creations: an entry that needs the journal's own base to be understood speaks of resources that stood before. */
function whatOnlyItRecords(entries: readonly JournalEntry[], current: Snapshot): string[] {
  const own = entries.filter(({ kind }) => kind === "begin" || kind === "end" || kind === "fail");
  const made = fold({ resources: [], pendingOperations: [] }, own);
  return [
    ...missingIn(current, made.resources).map((it) => `created: ${named(it)}`),
    ...describePending(made),
  ];
}

async function findCopy({ checkpoint, backups }: StackFiles, digest: string): Promise<string | undefined> {
  const names = await readdir(backups).catch(() => []);
  const files = [`${checkpoint}.bak`, ...names.sort().map((name) => join(backups, name))];
  for (const file of files.reverse()) {
    const text = await readFile(file, "utf8").catch(() => "");
    if (digestOf(text) === digest) return file;
  }
  return undefined;
}
