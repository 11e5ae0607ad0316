import { closeSync, fsync, openSync } from "node:fs";
import { promisify } from "node:util";

/** Waits for the disk in another thread, as opening and closing don't. */
export const syncFile = promisify(fsync);

/** Makes durable which names a folder holds. */
export async function syncFolder(folder: string): Promise<void> {
  // Windows can't open folders; its file systems journal the names themselves.
  if (process.platform === "win32") return;
  const file = openSync(folder, "r");
  try {
    await syncFile(file);
  } finally {
    closeSync(file);
  }
}
