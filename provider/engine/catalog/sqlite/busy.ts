import { setTimeout as delay } from "node:timers/promises";

/** How long another process may hold the catalogue before a transaction gives up. */
export const BUSY_TIMEOUT_MS = 30_000;

/** How long SQLite itself waits, which blocks the event loop. */
export const BLOCKING_TIMEOUT_MS = 5;

const LONGEST_PAUSE_MS = 20;

/** Tries again while another connection holds the lock that `work` needs. */
export async function whileBusy<T>(work: () => T | Promise<T>, timeoutMs: number): Promise<T> {
  const end = Date.now() + timeoutMs;
  for (let pause = 1; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    try {
      return await work();
    } catch (error) {
      if (!isBusy(error) || Date.now() >= end) throw error;
    }
    await delay(Math.random() * pause);
  }
}

/** Also where a statement of its own connection, that was refused for that, stands open still. */
export function isBusy(error: unknown): boolean {
  return /^SQLITE_(BUSY|LOCKED)/.test(sqliteCode(error));
}

/** SQLite's name of an error (`SQLITE_FULL`), "" where it is another's. */
export function sqliteCode(error: unknown): string {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === "string" ? code : "";
}
