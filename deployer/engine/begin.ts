import type { Snapshot } from "../state/resource-state";
import type { UpdateKind, UpdateSession } from "../state/stack-store";
import type { JournalEntry } from "./journal";
import type { RunOptions } from "./options";
import type { Processes } from "./processes";

export interface Begun {
  session: UpdateSession;
  /** All that the session has been told. */
  entries: JournalEntry[];
  processes?: Promise<Processes>;
}

/** Begins a run that writes. Its processes start as soon as the stack is locked and what it has is known. */
export async function begin(
  kind: UpdateKind,
  { store }: RunOptions,
  start: (base: Snapshot) => Promise<Processes> | undefined,
): Promise<Begun> {
  let processes: Promise<Processes> | undefined;
  try {
    const session = await store.begin(kind, (base) => {
      processes = start(base);
      // A failure is told when the run begins.
      processes?.catch(() => {});
    });
    return { ...recording(session), processes };
  } catch (error) {
    const started = await processes?.catch(() => undefined);
    await started?.abandon();
    throw error;
  }
}

/** A session that also keeps what it is told, for the snapshot that the run ends with. */
function recording(session: UpdateSession): Pick<Begun, "session" | "entries"> {
  const entries: JournalEntry[] = [];
  return {
    entries,
    session: {
      base: session.base,
      recovered: session.recovered,
      append(...appended) {
        entries.push(...appended);
        session.append(...appended);
      },
      flush: () => session.flush(),
      finish: (final, result, changes) => session.finish(final, result, changes),
    },
  };
}
