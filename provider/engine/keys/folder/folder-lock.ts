import { open } from "node:fs/promises";
import { join } from "node:path";
import Libsql from "libsql";
import { BLOCKING_TIMEOUT_MS, BUSY_TIMEOUT_MS, whileBusy } from "../../catalog/sqlite/busy";

/**
 * Runs `work` while no other process does so for this folder. SQLite's lock on an empty file is the system's own: a
 * process that dies gives it back.
 */
export async function withFolderLock<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const file = join(folder, "lock");
  // SQLite would make it for others to read.
  await (await open(file, "a", 0o600)).close();
  const database = new Libsql(file, { timeout: BLOCKING_TIMEOUT_MS });
  try {
    await whileBusy(() => database.exec("begin immediate"), BUSY_TIMEOUT_MS);
    return await work();
  } finally {
    database.close();
  }
}
