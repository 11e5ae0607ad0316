import { createHash } from "node:crypto";
import { mkdir, open, readFile } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import type { JournalEntry } from "../engine/journal";
import { fileError, UserError } from "../user-error";
import { syncFolder } from "../../provider/engine/disks/sync-folder";
import type { PropertyFile } from "./property-file";
import { readResource, writeResource } from "./resource-file";
import type { Json } from "./resource-file";

const VERSION = 1;

/** The journal's first line. */
export interface JournalHead {
  version: number;
  kind: string;
  started: string;
  pid: number;
  /** Digest of the checkpoint that the entries apply to; "none" where there was none. */
  base: string;
  /** Without it the secrets of a first run that was cut off could never be read. */
  salt: string;
}

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

/** The end of the last sound line, in bytes, and that line's checksum. */
interface JournalEnd {
  length: number;
  sum: string;
}

/**
 * The append-only record of a run, beside the checkpoint: what it says is done has been done. Each line is a checksum of
 * it and of the one before, a space, and JSON; entries that hold together or not at all share one, as an array.
 */
export class JournalWriter {
  private waiting: string[] = [];
  private writing: Promise<void> = Promise.resolve();
  private next?: Promise<void>;
  private sum: string;

  private constructor(
    private readonly file: string,
    private readonly handle: FileHandle,
    private readonly values: PropertyFile,
    private end: JournalEnd,
  ) {
    this.sum = end.sum;
  }

  static async create(
    file: string,
    head: Omit<JournalHead, "version">,
    values: PropertyFile,
  ): Promise<JournalWriter> {
    let handle: FileHandle | undefined;
    try {
      await mkdir(dirname(file), { recursive: true });
      handle = await open(file, "wx");
      const journal = new JournalWriter(file, handle, values, { length: 0, sum: "" });
      journal.line({ version: VERSION, ...head });
      await journal.flush();
      await syncFolder(dirname(file));
      return journal;
    } catch (error) {
      await handle?.close();
      throw fileError(`Starting the journal ${file}`, error);
    }
  }

  /** The journal of a run that was cut off, to be sealed. */
  static async resume(file: string, { end }: ReadJournal, values: PropertyFile): Promise<JournalWriter> {
    return new JournalWriter(file, await open(file, "r+"), values, end);
  }

  append(...entries: JournalEntry[]): void {
    const written = entries.map((entry) => writeEntry(entry, this.values));
    if (written.length > 0) this.line(written.length === 1 ? written[0]! : written);
  }

  /** Every line so far on disk. Calls that come while a sync runs wait for one more, together. */
  flush(): Promise<void> {
    if (this.waiting.length === 0 && !this.next) return this.writing;
    return (this.next ??= this.writing.then(() => {
      this.next = undefined;
      return (this.writing = this.write());
    }));
  }

  /**
   * Says which checkpoint is about to be written, so that a journal that outlives the writing isn't applied twice. What a
   * write that failed has left at the end gives way.
   */
  async seal(checkpoint: string): Promise<void> {
    await this.flush().catch(() => {});
    await this.handle.truncate(this.end.length);
    this.waiting = [];
    this.sum = this.end.sum;
    this.line({ kind: "saving", checkpoint });
    await this.write();
  }

  /** Ends the journal; its file stays. */
  async close(): Promise<void> {
    await this.writing.catch(() => {});
    await this.handle.close();
  }

  private line(value: object): void {
    const text = JSON.stringify(value);
    const line = lineAfter(this.sum, text);
    this.sum = line.slice(0, SUM_LENGTH);
    this.waiting.push(`${line}\n`);
  }

  private async write(): Promise<void> {
    const bytes = Buffer.from(this.waiting.join(""));
    const { sum } = this;
    this.waiting = [];
    if (bytes.length === 0) return;
    try {
      await writeAll(this.handle, bytes, this.end.length);
      await this.handle.datasync();
    } catch (error) {
      throw fileError(`Writing the journal ${this.file}`, error);
    }
    this.end = { length: this.end.length + bytes.length, sum };
  }
}

async function writeAll(handle: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    done += (await handle.write(bytes, done, bytes.length - done, position + done)).bytesWritten;
  }
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
  const texts = lines.slice(0, sound).map((line) => line.slice(SUM_LENGTH + 1));
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
      sum: lines[sound - 1]!.slice(0, SUM_LENGTH),
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
    const before = index === 0 ? "" : lines[index - 1]!.slice(0, SUM_LENGTH);
    return line === lineAfter(before, line.slice(SUM_LENGTH + 1));
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

const SUM_LENGTH = 16;

function lineAfter(sum: string, text: string): string {
  return `${createHash("sha256").update(sum).update(text).digest("hex").slice(0, SUM_LENGTH)} ${text}`;
}

export function readEntry(raw: Json, values: PropertyFile): JournalEntry {
  const entry = { ...raw };
  for (const name of ["state", "resource"]) {
    if (entry[name]) entry[name] = readResource(entry[name] as Json, values);
  }
  return entry as unknown as JournalEntry;
}

function writeEntry(entry: JournalEntry, values: PropertyFile): Json {
  const raw: Json = { ...entry };
  if ("state" in entry && entry.state) raw.state = writeResource(entry.state, values);
  if ("resource" in entry) raw.resource = writeResource(entry.resource, values);
  return raw;
}
