import type { JournalEntry } from "../engine/journal";
import type { Snapshot } from "./resource-state";

export type UpdateKind = "up" | "refresh" | "destroy" | "import";
export type UpdateResult = "succeeded" | "failed";

/** What a stack has, and what the last run left to be said about it. */
export interface LoadedStack {
  snapshot: Snapshot;
  /** Sentences for the user: a run that was cut off and how much of it was found, creations whose outcome is unknown. */
  recovered: string[];
}

/** Port: one stack's durable state. */
export interface StackStore {
  readonly project: string;
  readonly stack: string;
  /** What stands on disk, the journal of a run that was cut off folded in; writes nothing. A stack that has never been deployed is empty. */
  load(): Promise<LoadedStack>;
  /**
   * Takes the stack's lock and folds a journal that was left behind into the checkpoint for good. Throws where another process holds the
   * lock, naming it. `onStanding` is called with the session's base as soon as it is known, under the lock.
   */
  begin(kind: UpdateKind, onStanding?: (base: Snapshot) => void): Promise<UpdateSession>;
}

/** One run that changes a stack, from its lock to its release. */
export interface UpdateSession {
  /** What stands at the moment that the lock was taken; journal entries apply to it. */
  readonly base: Snapshot;
  readonly recovered: string[];
  /** Records entries, all of them or none; they are on disk once a flush that began later has resolved. */
  append(...entries: JournalEntry[]): void;
  /**
   * Resolves when every entry appended so far is durable, and the lock still stood then. Concurrent calls share one sync
   * of the disk.
   */
  flush(): Promise<void>;
  /**
   * Writes the checkpoint and the history, then removes the journal and the lock. Where `final` has no integrity, the
   * lock has gone or the disk fails, the journal stays, and so does the checkpoint that it applies to; the error names
   * what neither of them holds.
   */
  finish(final: Snapshot, result: UpdateResult, changes?: Record<string, number>): Promise<void>;
}
