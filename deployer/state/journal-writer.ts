import { mkdir, open } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { syncFolder } from "../../provider/engine/disks/sync-folder";
import type { JournalEntry } from "../engine/journal";
import { fileError } from "../user-error";
import type { JournalEnd, JournalHead } from "./journal-format";
import { lineAfter, sumOf, VERSION, writeEntry } from "./journal-format";
import type { ReadJournal } from "./journal-reader";
import type { PropertyFile } from "./property-file";

/**
 * The append-only record of a run, beside the checkpoint: what it says is done has been done. Entries that hold together
 * or not at all share a line, as an array.
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
    this.sum = sumOf(line);
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
