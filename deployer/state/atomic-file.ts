import { mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { syncFolder } from "../../provider/engine/disks/sync-folder";

/** Replaces a file, durably: a reader or a crash sees the old content or the new, never a part. Makes its folder. */
export async function writeFileAtomically(file: string, content: string): Promise<void> {
  const folder = dirname(file);
  await mkdir(folder, { recursive: true });
  const temporary = join(folder, `.${basename(file)}.${process.pid}.${Date.now().toString(36)}.tmp`);
  try {
    await writeDurably(temporary, content);
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(folder);
}

/** Removes what writers that were killed have left in a folder, of one file or of all; for one who knows that nobody writes there. */
export async function removeLeftovers(folder: string, file = ""): Promise<void> {
  const names = await readdir(folder);
  for (const name of names.filter((it) => it.startsWith(`.${file}`) && it.endsWith(".tmp")))
    await rm(join(folder, name), { force: true });
}

async function writeDurably(file: string, content: string): Promise<void> {
  const handle = await open(file, "w");
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
