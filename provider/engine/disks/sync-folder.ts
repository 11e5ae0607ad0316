import { open } from "node:fs/promises";

/** Makes durable which names a folder holds. */
export async function syncFolder(folder: string): Promise<void> {
  // Windows can't open folders; its file systems journal the names themselves.
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
