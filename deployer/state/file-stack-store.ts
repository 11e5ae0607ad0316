import { copyFile, rm } from "node:fs/promises";
import { dirname } from "node:path";
import type { Crypter } from "../secrets/crypter";
import type { Passphrase } from "../secrets/passphrase";
import { fileError, UserError } from "../user-error";
import { removeLeftovers, writeFileAtomically } from "./atomic-file";
import { checkpointText, writeDeployment } from "./deployment";
import { digestOf } from "./digest";
import type { FileBackend, StackFiles } from "./file-backend";
import { keepBackup, writeHistory } from "./history";
import { checkIntegrity } from "./integrity";
import type { ReadJournal } from "./journal-reader";
import { JournalWriter } from "./journal-writer";
import { isLocked, takeLock } from "./lock";
import type { Lock } from "./lock";
import type { PropertyFile } from "./property-file";
import { damagedCopy, describeDifferences } from "./recovery";
import type { Snapshot } from "./resource-state";
import { StackReader } from "./stack-reader";
import type { Standing } from "./stack-reader";
import type { LoadedStack, StackStore, UpdateKind, UpdateResult, UpdateSession } from "./stack-store";

export interface FileStackStoreOptions {
  backend: FileBackend;
  project: string;
  stack: string;
  passphrase: Passphrase;
  /** The crypter for what is written: that of the stack's configuration, made and recorded there if it has none. */
  crypter(stateSalt?: string): Promise<Crypter>;
  /** The stack's configuration as its file has it, for the history. */
  config?: Record<string, unknown>;
}

/** A stack in a Pulumi file backend: checkpoint, journal, lock, history. */
export class FileStackStore implements StackStore {
  readonly project: string;
  readonly stack: string;
  readonly files: StackFiles;
  readonly reader: StackReader;
  /** What the user says of the next run, for the history. */
  message = "";

  constructor(readonly options: FileStackStoreOptions) {
    this.project = options.project;
    this.stack = options.stack;
    this.files = options.backend.stack(options.project, options.stack);
    this.reader = new StackReader(this.files, options.passphrase);
  }

  async load(): Promise<LoadedStack> {
    await this.options.backend.check(this.files);
    const standing = await this.reader.read();
    if (!standing.unsaved || !(await isLocked(this.files.locks))) return standing;
    return {
      snapshot: standing.snapshot,
      recovered: [
        `Another run is changing stack ${this.stack} right now: this shows what it has done so far.`,
      ],
    };
  }

  async begin(kind: UpdateKind, onStanding?: (base: Snapshot) => void): Promise<UpdateSession> {
    await this.options.backend.check(this.files);
    await this.options.backend.prepare();
    const lock = await takeLock(this.files.locks, this.stack);
    try {
      const standing = await this.reader.read();
      onStanding?.(standing.snapshot);
      const crypter = await this.options.crypter(standing.salt);
      const values = this.reader.valuesOf(crypter.salt);
      values.crypter = crypter;
      await this.settle(standing, values);
      return await this.startSession(kind, standing, values, lock);
    } catch (error) {
      await lock.release();
      throw error;
    }
  }

  private async startSession(
    kind: UpdateKind,
    { snapshot, digest, recovered }: Standing,
    values: PropertyFile,
    lock: Lock,
  ): Promise<UpdateSession> {
    const started = new Date();
    const journal = await JournalWriter.create(
      this.files.journal,
      { kind, started: started.toISOString(), pid: process.pid, base: digest, salt: values.crypter!.salt },
      values,
    );
    return {
      base: snapshot,
      recovered: [...lock.takenOver, ...recovered],
      append: (...entries) => journal.append(...entries),
      flush: async () => {
        await journal.flush();
        lock.requireHeld();
      },
      finish: async (final, result, changes) => {
        try {
          await this.saveRun(final, values, journal, lock);
          await this.record(kind, started, result, changes);
        } finally {
          await journal.close();
          await lock.release();
        }
      },
    };
  }

  /** The checkpoint durable, then the journal gone. */
  private async save(snapshot: Snapshot, values: PropertyFile, writer: JournalWriter): Promise<string> {
    const { checkpoint, journal } = this.files;
    checkIntegrity(
      snapshot,
      `what the run made of stack ${this.stack}, so that its checkpoint stays as it was, and its journal at ${journal}`,
    );
    const text = this.checkpointOf(snapshot, values);
    const digest = digestOf(text);
    try {
      await writer.seal(digest);
      await keepBackup(checkpoint);
      await writeFileAtomically(checkpoint, text);
      await rm(journal);
    } catch (error) {
      throw fileError(
        `Writing the state ${checkpoint} (the run is kept in ${journal} for the next one)`,
        error,
      );
    }
    return digest;
  }

  /** What stands becomes a checkpoint without a journal; a new stack's is empty, so that the CLI sees stack and lock. */
  private async settle(standing: Standing, values: PropertyFile): Promise<void> {
    if (standing.unsaved) standing.digest = await this.saveCutOff(standing, standing.unsaved, values);
    else await rm(this.files.journal, { force: true });
    if (standing.digest === "none") {
      const text = this.checkpointOf(standing.snapshot, values);
      try {
        await writeFileAtomically(this.files.checkpoint, text);
      } catch (error) {
        throw fileError(`Making stack ${this.stack} in ${this.files.checkpoint}`, error);
      }
      standing.digest = digestOf(text);
    }
    await removeLeftovers(dirname(this.files.checkpoint), `${this.stack}.json.`);
  }

  private async saveCutOff(standing: Standing, journal: ReadJournal, values: PropertyFile): Promise<string> {
    const file = this.files.journal;
    if (journal.damaged > 0) await copyFile(file, damagedCopy(file));
    const writer = await JournalWriter.resume(file, journal, values);
    try {
      return await this.save(standing.snapshot, values, writer);
    } finally {
      await writer.close();
    }
  }

  private async saveRun(
    final: Snapshot,
    values: PropertyFile,
    journal: JournalWriter,
    lock: Lock,
  ): Promise<void> {
    try {
      // What couldn't be journalled (a full disk) is in the final snapshot too.
      await journal.flush().catch(() => {});
      lock.requireHeld();
      await this.save(final, values, journal);
    } catch (error) {
      const standing = await this.reader.read().catch(() => undefined);
      const lost = standing ? describeDifferences(standing.snapshot, final) : [];
      if (lost.length === 0) throw error;
      const message = [(error as Error).message, "No file holds that the run has:", ...lost].join("\n  ");
      throw new UserError(message, { cause: error });
    }
  }

  private checkpointOf(snapshot: Snapshot, values: PropertyFile): string {
    return checkpointText(this.project, this.stack, writeDeployment(snapshot, values, values.crypter!.salt));
  }

  private async record(
    kind: UpdateKind,
    started: Date,
    result: UpdateResult,
    changes: Record<string, number> = {},
  ): Promise<void> {
    const {
      options: { config = {} },
      message,
    } = this;
    try {
      await writeHistory(this.files, this.stack, { kind, started, result, changes, config, message });
    } catch (error) {
      throw fileError(`Writing the history in ${this.files.history} (the state itself is saved)`, error);
    }
  }
}
