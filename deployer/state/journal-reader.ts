import { readFile } from "node:fs/promises";
import { fileError, UserError } from "../user-error";
import type { JournalEnd, JournalHead } from "./journal-format";
import { lineAfter, sumOf, textOf, VERSION } from "./journal-format";
import type { Json } from "./resource-file";

export interface ReadJournal {
  head: JournalHead;
  /** One JSON object each, secrets as ciphertext. */
  entries: Json[];
  hasSecrets: boolean;
  /** Digest of the checkpoint that the run was about to write when it was cut off. */
  saving?: string;
  /** Where a further line goes. */
  end: JournalEnd;
  /** Bytes after that which aren't just one line that was cut off. */
  damaged: number;
}

/** Undefined where there is none, or where its very first line was cut off: then nothing had been done yet. */
export async function readJournal(file: string): Promise<ReadJournal | undefined> {
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw fileError(`Reading the journal ${file}`, error);
  });
  const lines = text.split("\n");
  // Without its line break the last line was cut off: what it says was never relied on.
  const torn = lines.pop()!;
  if (lines.length === 0) return undefined;
  const sound = countSound(lines, file);
  const texts = lines.slice(0, sound).map(textOf);
  const [head, ...entries] = texts.flatMap<Json>((it) => JSON.parse(it) as Json | Json[]);
  if (head!.version !== VERSION) {
    throw new UserError(
      `${file} is a journal of version ${String(head!.version)}; this version of images reads ${VERSION}.`,
    );
  }
  const damaged = lines.slice(sound).map((line) => `${line}\n`);
  const saving = entries.at(-1)?.kind === "saving" ? entries.pop() : undefined;
  return {
    head: head as unknown as JournalHead,
    entries,
    hasSecrets: text.includes(`"ciphertext"`),
    saving: saving?.checkpoint as string | undefined,
    end: {
      length: Buffer.byteLength(lines.slice(0, sound).join("\n")) + 1,
      sum: sumOf(lines[sound - 1]!),
    },
    damaged: damaged.length > 0 ? Buffer.byteLength(damaged.join("") + torn) : 0,
  };
}

/**
 * How many lines at the beginning are as they were written. An end that is damaged counts as cut off.
 *
 * @throws UserError where sound lines stand after damaged ones: what those record can't be left out.
 */
function countSound(lines: readonly string[], file: string): number {
  const isSound = (index: number): boolean => {
    const line = lines[index]!;
    const before = index === 0 ? "" : sumOf(lines[index - 1]!);
    return line === lineAfter(before, textOf(line));
  };
  const indices = [...lines.keys()];
  const first = indices.find((index) => !isSound(index));
  if (first === undefined) return lines.length;
  if (first > 0 && !indices.slice(first + 1).some(isSound)) return first;
  throw new UserError(
    `The journal ${file} is damaged at line ${first + 1} of ${lines.length}. It is left as it was. Put an undamaged copy in its place; ` +
      (first > 0
        ? `or keep a copy of it and remove line ${first + 1} and all after it: `
        : "or move it away: ") +
      "what only they record is then unknown to the state, and `images refresh` finds what of that was changed or deleted.",
  );
}
