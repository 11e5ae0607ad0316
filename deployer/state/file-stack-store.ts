import { createHash } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import { fold } from "../engine/journal";
import type { JournalEntry } from "../engine/journal";
import type { Crypter } from "../secrets/crypter";
import type { Passphrase } from "../secrets/passphrase";
import { fileError, UserError } from "../user-error";
import { writeFileAtomically } from "./atomic-file";
import { checkpointText, openDeployment, parseCheckpoint, writeDeployment } from "./deployment";
import type { FileBackend, StackFiles } from "./file-backend";
import { keepBackup, writeHistory } from "./history";
import { checkIntegrity } from "./integrity";
import { JournalWriter, readEntry, readJournal, sealJournal } from "./journal-file";
import type { ReadJournal } from "./journal-file";
import { isLocked, takeLock } from "./lock";
import type { Lock } from "./lock";
import { PropertyFile } from "./property-file";
import { describeCutOff, describePending } from "./recovery";
import type { Snapshot } from "./resource-state";
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

/** What stands on disk at one moment. */
interface Standing extends LoadedStack {
  /** Digest of the checkpoint; "none" where there is none. */
  digest: string;
  salt?: string;
  /** A run's journal that the checkpoint doesn't hold yet. */
  unsaved?: ReadJournal;
  /** A journal file is there, saved or not. */
  hasJournal: boolean;
}

/** A stack in a Pulumi file backend: checkpoint, journal, lock, history. */
export class FileStackStore implements StackStore {
  readonly project: string;
  readonly stack: string;
  private readonly files: StackFiles;
  private readonly values = new Map<string, PropertyFile>();

  constructor(private readonly options: FileStackStoreOptions) {
    this.project = options.project;
    this.stack = options.stack;
    this.files = options.backend.stack(options.project, options.stack);
  }

  async load(): Promise<LoadedStack> {
    await this.options.backend.check(this.files);
    const standing = await this.read();
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
      const standing = await this.read();
      const crypter = await this.options.crypter(standing.salt);
      const values = this.valuesOf(crypter.salt);
      values.crypter = crypter;
      if (standing.hasJournal) await this.settleJournal(standing, values);
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
          await journal.flush();
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
    const text = checkpointText(
      this.project,
      this.stack,
      writeDeployment(snapshot, values, values.crypter!.salt),
    );
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

  private async settleJournal(standing: Standing, values: PropertyFile): Promise<void> {
    if (standing.unsaved) standing.digest = await this.save(standing.snapshot, values);
    else await rm(this.files.journal, { force: true });
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

  private async read(): Promise<Standing> {
    const { checkpoint: file, journal: journalFile } = this.files;
    const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return undefined;
      throw fileError(`Reading the state ${file}`, error);
    });
    const digest = text === undefined ? "none" : digestOf(text);
    const journal = await readJournal(journalFile);
    const checkpoint = text === undefined ? undefined : parseCheckpoint(text, file);
    const base = checkpoint
      ? openDeployment(checkpoint, await this.open(checkpoint.salt, checkpoint.hasSecrets))
      : { resources: [], pendingOperations: [] };
    checkIntegrity(base, `the state ${file}`);
    const salt = checkpoint?.salt ?? journal?.head.salt;
    const hasJournal = journal !== undefined || (await exists(journalFile));
    if (!journal || journal.saving === digest) {
      return { snapshot: base, recovered: describePending(base), digest, salt, hasJournal };
    }
    if (journal.head.base !== digest) throw this.strangeJournal(journal);
    const snapshot = fold(base, await this.readEntries(journal));
    return {
      snapshot,
      recovered: describeCutOff(journal, snapshot),
      digest,
      salt,
      hasJournal,
      unsaved: journal,
    };
  }

  private async readEntries({ head, entries }: ReadJournal): Promise<JournalEntry[]> {
    const hasSecrets = entries.some((entry) => JSON.stringify(entry).includes(`"ciphertext"`));
    const values = await this.open(head.salt, hasSecrets);
    return entries.map((entry) => readEntry(entry, values));
  }

  /** Derives the key only where there is something to decrypt. */
  private async open(salt: string | undefined, hasSecrets: boolean): Promise<PropertyFile> {
    const values = this.valuesOf(salt ?? "");
    if (salt !== undefined && hasSecrets) values.crypter ??= await this.options.passphrase.open(salt);
    return values;
  }

  private valuesOf(salt: string): PropertyFile {
    let values = this.values.get(salt);
    if (!values) this.values.set(salt, (values = new PropertyFile()));
    return values;
  }

  private strangeJournal({ head }: ReadJournal): UserError {
    const { checkpoint, journal } = this.files;
    return new UserError(
      `${journal} is left from a run that was cut off (${head.kind}, started ${head.started}), and ${checkpoint} has been ` +
        "changed since by something else, so that the two can't be brought together. Put that checkpoint back as it was " +
        "before, or move the journal away: what only it records is then unknown to the state.",
    );
  }
}

function digestOf(text: string): string {
  return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}

async function exists(file: string): Promise<boolean> {
  return readFile(file).then(
    () => true,
    () => false,
  );
}
