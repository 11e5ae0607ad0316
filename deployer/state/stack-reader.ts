import { readFile } from "node:fs/promises";
import { fold } from "../engine/journal";
import type { JournalEntry } from "../engine/journal";
import type { Passphrase } from "../secrets/passphrase";
import { fileError } from "../user-error";
import { openDeployment, parseCheckpoint } from "./deployment";
import { digestOf } from "./digest";
import type { StackFiles } from "./file-backend";
import { checkIntegrity } from "./integrity";
import { readEntry } from "./journal-format";
import { readJournal } from "./journal-reader";
import type { ReadJournal } from "./journal-reader";
import { PropertyFile } from "./property-file";
import { describeCutOff, describePending } from "./recovery";
import { strangeJournal } from "./strange-journal";
import type { LoadedStack } from "./stack-store";

/** What stands on disk at one moment. */
export interface Standing extends LoadedStack {
  /** Digest of the checkpoint; "none" where there is none. */
  digest: string;
  salt?: string;
  /** The journal of a run that was cut off, which the checkpoint doesn't hold yet; it is folded into the snapshot. */
  unsaved?: ReadJournal;
}

/** Reads a stack's checkpoint and what a run that was cut off left beside it. */
export class StackReader {
  private readonly values = new Map<string, PropertyFile>();

  constructor(
    private readonly files: StackFiles,
    private readonly passphrase: Passphrase,
  ) {}

  async read(): Promise<Standing> {
    const file = this.files.checkpoint;
    const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return undefined;
      throw fileError(`Reading the state ${file}`, error);
    });
    const digest = text === undefined ? "none" : digestOf(text);
    const journal = await readJournal(this.files.journal);
    const checkpoint = text === undefined ? undefined : parseCheckpoint(text, file);
    const base = checkpoint
      ? openDeployment(checkpoint, await this.open(checkpoint.salt, checkpoint.hasSecrets))
      : { resources: [], pendingOperations: [] };
    checkIntegrity(base, `the state ${file}`);
    const salt = checkpoint?.salt ?? journal?.head.salt;
    if (!journal || journal.saving === digest) {
      return { snapshot: base, recovered: describePending(base), digest, salt };
    }
    const entries = await this.readEntries(journal);
    if (journal.head.base !== digest) throw await strangeJournal(this.files, journal, entries, base);
    const snapshot = fold(base, entries);
    const recovered = describeCutOff(this.files.journal, journal, snapshot);
    return { snapshot, recovered, digest, salt, unsaved: journal };
  }

  /** One for each salt, so that secrets that don't change keep their ciphertext from reading to writing. */
  valuesOf(salt: string): PropertyFile {
    let values = this.values.get(salt);
    if (!values) this.values.set(salt, (values = new PropertyFile()));
    return values;
  }

  /** Derives the key only where there is something to decrypt. */
  async open(salt: string | undefined, hasSecrets: boolean): Promise<PropertyFile> {
    const values = this.valuesOf(salt ?? "");
    if (salt !== undefined && hasSecrets) values.crypter ??= await this.passphrase.open(salt);
    return values;
  }

  private async readEntries({ head, entries, hasSecrets }: ReadJournal): Promise<JournalEntry[]> {
    const values = await this.open(head.salt, hasSecrets);
    return entries.map((entry) => readEntry(entry, values));
  }
}
