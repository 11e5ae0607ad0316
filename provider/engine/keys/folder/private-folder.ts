import { constants } from "node:fs";
import { access, lstat, mkdir, open, readdir, rename, stat, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { syncFolder } from "../../disks/sync-folder";
import { temporaryPath } from "../../disks/temporary-file";
import { Fault, ViolationError } from "../../violation";

const OTHERS = 0o077;

/** A folder that its owner alone may look into, files and all; refused where others may. */
export class PrivateFolder {
  constructor(readonly path: string) {}

  /** Makes it where it isn't there. */
  async prepare(): Promise<void> {
    const parent = dirname(this.path);
    await mkdir(parent, { recursive: true });
    try {
      await mkdir(this.path, { mode: 0o700 });
      await syncFolder(parent);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    await this.requirePrivate();
  }

  /** Throws where this process couldn't write to it, nor make it. */
  async requireWritable(): Promise<void> {
    if (await this.isThere()) await this.requirePrivate();
    let standing = this.path;
    while (!(await stat(standing).catch(ignoreAbsent))) standing = dirname(standing);
    await access(standing, constants.W_OK | constants.X_OK);
  }

  async isThere(): Promise<boolean> {
    return (await lstat(this.path).catch(ignoreAbsent)) !== undefined;
  }

  /** Names in the folder; none where it isn't there yet. */
  async names(): Promise<string[]> {
    const names = await readdir(this.path).catch(ignoreAbsent);
    if (!names) return [];
    await this.requirePrivate();
    return names;
  }

  fileOf(name: string): string {
    return join(this.path, name);
  }

  /** Undefined where there is no such file. */
  async read(name: string): Promise<Buffer | undefined> {
    const file = this.fileOf(name);
    const handle = await open(file, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0)).catch(ignoreAbsent);
    if (!handle) return undefined;
    try {
      requirePrivate(file, (await handle.stat()).mode, "600");
      await this.requirePrivate();
      return await handle.readFile();
    } finally {
      await handle.close();
    }
  }

  /** Whole or not at all, and durable. */
  async write(name: string, bytes: Buffer): Promise<void> {
    const temporary = temporaryPath(this.path);
    try {
      const handle = await open(temporary, "wx", 0o600);
      try {
        await handle.writeFile(bytes);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(temporary, this.fileOf(name));
    } catch (error) {
      await unlink(temporary).catch(() => undefined);
      throw error;
    }
    await syncFolder(this.path);
  }

  /** Overwritten where they stand: what the file system and the drive keep besides is theirs. */
  async shred(names: readonly string[]): Promise<void> {
    for (const name of names) {
      const handle = await open(this.fileOf(name), "r+");
      try {
        await handle.write(Buffer.alloc((await handle.stat()).size), 0);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await unlink(this.fileOf(name));
    }
    if (names.length > 0) await syncFolder(this.path);
  }

  private async requirePrivate(): Promise<void> {
    const { mode } = await lstat(this.path);
    requirePrivate(this.path, mode, "700");
  }
}

/** Work on a folder of keys; what it fails with is a Fault. */
export async function attempt<T>(doing: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (Fault.is(error) || ViolationError.is(error)) throw error;
    throw new Fault(doing, { cause: error });
  }
}

function requirePrivate(path: string, mode: number, wanted: string): void {
  // Windows has no such modes.
  if (process.platform === "win32" || (mode & OTHERS) === 0) return;
  throw new Fault("Reading the master keys", {
    says: `others than its owner may use ${path} (mode ${(mode & 0o777).toString(8)})`,
    left: `See who has read it, and close it: chmod ${wanted} ${path}`,
  });
}

function ignoreAbsent(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
}
