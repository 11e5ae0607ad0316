import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { access, open, unlink, type FileHandle } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A folder that lives in memory, where the system has one. */
const MEMORY_FOLDER = "/dev/shm";

/** An open file that holds a secret and has no name any more: it is gone with the last process that has it open. */
export async function openSecretFile(secret: string): Promise<FileHandle> {
  const isInMemory = await access(MEMORY_FOLDER, constants.W_OK).then(
    () => true,
    () => false,
  );
  const path = join(isInMemory ? MEMORY_FOLDER : tmpdir(), `.${randomUUID()}`);
  const file = await open(path, "wx+", 0o600);
  try {
    await unlink(path);
    await file.write(secret, 0);
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}
