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
}

/** The append-only record of a run, beside the checkpoint: what it says is done has been done. */
export class JournalWriter {
  private waiting: string[] = [];
  private writing: Promise<void> = Promise.resolve();
  private next?: Promise<void>;

  private constructor(
    private readonly file: string,
    private readonly handle: FileHandle,
    private readonly values: PropertyFile,
  ) {}

  static async create(
    file: string,
    head: Omit<JournalHead, "version">,
    values: PropertyFile,
  ): Promise<JournalWriter> {
    try {
      await mkdir(dirname(file), { recursive: true });
      const handle = await open(file, "wx");
      const journal = new JournalWriter(file, handle, values);
      journal.line({ version: VERSION, ...head });
      await journal.flush();
      await syncFolder(dirname(file));
      return journal;
    } catch (error) {
      throw fileError(`Starting the journal ${file}`, error);
    }
  }

  append(entry: JournalEntry): void {
    this.line(writeEntry(entry, this.values));
  }

  /** Every line so far on disk. Calls that come while a sync runs wait for one more, together. */
  flush(): Promise<void> {
    if (this.waiting.length === 0 && !this.next) return this.writing;
    return (this.next ??= this.writing.then(() => {
      this.next = undefined;
      return (this.writing = this.write());
    }));
  }

  /** Ends the journal; its file stays. */
  async close(): Promise<void> {
    await this.writing.catch(() => {});
    await this.handle.close();
  }

  private line(value: object): void {
    this.waiting.push(JSON.stringify(value) + "\n");
  }

  private async write(): Promise<void> {
    const lines = this.waiting.join("");
    this.waiting = [];
    if (lines === "") return;
    try {
      await this.handle.appendFile(lines);
      await this.handle.datasync();
    } catch (error) {
      throw fileError(`Writing the journal ${this.file}`, error);
    }
  }
}

/**
 * Says which checkpoint is about to be written, so that a journal that outlives the writing isn't applied twice. A last
 * line that was cut off gives way.
 */
export async function sealJournal(file: string, checkpoint: string): Promise<void> {
  const handle = await open(file, "r+");
  try {
    const content = await handle.readFile();
    const whole = content.lastIndexOf("\n") + 1;
    await handle.truncate(whole);
    await handle.write(JSON.stringify({ kind: "saving", checkpoint }) + "\n", whole);
    await handle.datasync();
  } finally {
    await handle.close();
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
  lines.pop();
  const parsed = lines.map((line, index) => parseLine(line, index, file));
  const [head, ...entries] = parsed;
  if (!head) return undefined;
  if (head.version !== VERSION) {
    throw new UserError(
      `${file} is a journal of version ${String(head.version)}; this version of images reads ${VERSION}.`,
    );
  }
  const saving = entries.at(-1)?.kind === "saving" ? entries.pop() : undefined;
  return {
    head: head as unknown as JournalHead,
    entries,
    hasSecrets: text.includes(`"ciphertext"`),
    saving: saving?.checkpoint as string | undefined,
  };
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

function parseLine(line: string, index: number, file: string): Json {
  try {
    return JSON.parse(line) as Json;
  } catch {
    throw new UserError(
      `The journal ${file} is damaged at line ${index + 1}. It is left as it was. Mend it, or move it away: what only it records is then unknown to the state.`,
    );
  }
}
