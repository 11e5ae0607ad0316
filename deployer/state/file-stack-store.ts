import { rm } from "node:fs/promises";
import type { Crypter } from "../secrets/crypter";
import type { Passphrase } from "../secrets/passphrase";
import { fileError } from "../user-error";
import { writeFileAtomically } from "./atomic-file";
import { checkpointText, writeDeployment } from "./deployment";
import type { FileBackend, StackFiles } from "./file-backend";
import { keepBackup, writeHistory } from "./history";
import { checkIntegrity } from "./integrity";
import { JournalWriter, sealJournal } from "./journal-file";
import { isLocked, takeLock } from "./lock";
import type { Lock } from "./lock";
import type { PropertyFile } from "./property-file";
import type { Snapshot } from "./resource-state";
import { digestOf, StackReader } from "./stack-reader";
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

  async begin(kind: UpdateKind): Promise<UpdateSession> {
    await this.options.backend.check(this.files);
    await this.options.backend.prepare();
    const lock = await takeLock(this.files.locks, this.stack);
    try {
      const standing = await this.reader.read();
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
      append: (entry) => journal.append(entry),
      flush: () => journal.flush(),
      finish: async (final, result, changes) => {
        try {
          // What couldn't be journalled (a full disk) is in the final snapshot too.
          await journal.flush().catch(() => {});
          await journal.close();
          await this.save(final, values);
          await this.record(kind, started, result, changes);
        } finally {
          await lock.release();
        }
      },
    };
  }

  /** The checkpoint durable, then the journal gone. */
  private async save(snapshot: Snapshot, values: PropertyFile): Promise<string> {
    const { checkpoint, journal } = this.files;
    checkIntegrity(
      snapshot,
      `what the run made of stack ${this.stack}, so that its checkpoint stays as it was, and its journal at ${journal}`,
    );
    const text = this.checkpointOf(snapshot, values);
    const digest = digestOf(text);
    try {
      await sealJournal(journal, digest);
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
    if (standing.unsaved) standing.digest = await this.save(standing.snapshot, values);
    else await rm(this.files.journal, { force: true });
    if (standing.digest !== "none") return;
    const text = this.checkpointOf(standing.snapshot, values);
    try {
      await writeFileAtomically(this.files.checkpoint, text);
    } catch (error) {
      throw fileError(`Making stack ${this.stack} in ${this.files.checkpoint}`, error);
    }
    standing.digest = digestOf(text);
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
    const { config = {} } = this.options;
    try {
      await writeHistory(this.files, this.stack, { kind, started, result, changes, config });
    } catch (error) {
      throw fileError(`Writing the history in ${this.files.history} (the state itself is saved)`, error);
    }
  }
}
