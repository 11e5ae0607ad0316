import type { JournalEntry } from "../../../deployer/engine/journal";
import type { Snapshot } from "../../../deployer/state/resource-state";
import type { LoadedStack, StackStore, UpdateKind, UpdateSession } from "../../../deployer/state/stack-store";

/** A stack that lasts as long as the test. */
export class MemoryStackStore implements StackStore {
  readonly project = "test";
  readonly stack = "dev";
  snapshot: Snapshot = { resources: [], pendingOperations: [] };
  /** Everything that the last run wrote, in order. */
  journal: JournalEntry[] = [];

  async load(): Promise<LoadedStack> {
    return { snapshot: structuredClone(this.snapshot), recovered: [] };
  }

  async begin(_kind?: UpdateKind, onStanding?: (base: Snapshot) => void): Promise<UpdateSession> {
    this.journal = [];
    const base = structuredClone(this.snapshot);
    onStanding?.(base);
    return {
      base,
      recovered: [],
      append: (...entries) => void this.journal.push(...structuredClone(entries)),
      flush: async () => {},
      finish: async (final) => {
        this.snapshot = structuredClone(final);
      },
    };
  }
}
