import { constants } from "node:fs";
import { lstat, mkdir, open, readdir, rename, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Mutex } from "../catalog/mutex";
import { removeLeftovers, temporaryPath } from "../disks/temporary-file";
import { syncFolder } from "../disks/sync-folder";
import { Fault, ViolationError } from "../violation";
import { withFolderLock } from "./folder-lock";
import type { KeyStorage } from "./key-storage";
import type { StoredKey } from "./stored-key";
import { readStoredKey } from "./stored-key-text";
import { KEY_BYTES, KEY_ID } from "./wrapping";

const OTHERS = 0o077;
const KEY_FILE = /^(?<id>key-[0-9a-f]{12})\.json$/;

/**
 * A folder of keys: `<id>.json` says what a key is, `<id>.<version>.secret` holds the 32 bytes of one version. They
 * are apart so that a change of a key never writes its secret again, and destroying it leaves no earlier copy.
 */
export class KeyFolder implements KeyStorage {
  /** Changes of one process wait in line; the folder's lock is between processes. */
  private readonly changes = new Mutex();

  constructor(private readonly folder: string) {}

  all(): Promise<StoredKey[]> {
    return this.attempt("Reading the master keys", async () => {
      const names = await this.names();
      const ids = names.flatMap((name) => KEY_FILE.exec(name)?.groups?.id ?? []);
      const found = await Promise.all(ids.map((id) => this.find(id)));
      return found.filter((key) => key !== undefined);
    });
  }

  async find(id: string): Promise<StoredKey | undefined> {
    if (!KEY_ID.test(id)) return undefined;
    return this.attempt(`Reading master key ${id}`, async () => {
      const file = join(this.folder, `${id}.json`);
      const bytes = await this.read(file).catch(ignoreAbsent);
      return bytes && readStoredKey(bytes, id, file);
    });
  }

  material(id: string, version: number): Promise<Buffer> {
    const doing = `Reading master key ${id}`;
    return this.attempt(doing, async () => {
      const file = this.secretFile(id, version);
      const bytes = await this.read(file);
      if (bytes.length === KEY_BYTES) return bytes;
      bytes.fill(0);
      throw new Fault(doing, {
        says: `${file} doesn't hold a key. Bring it back from a backup of ${this.folder}`,
      });
    });
  }

  exclusively<T>(change: () => Promise<T>): Promise<T> {
    const alone = async () => {
      await this.prepare();
      return withFolderLock(this.folder, async () => {
        await removeLeftovers(this.folder);
        return change();
      });
    };
    return this.attempt("Changing the master keys", () => this.changes.run(alone));
  }

  async put(key: StoredKey): Promise<void> {
    await this.write(
      join(this.folder, `${key.id}.json`),
      Buffer.from(`${JSON.stringify(key, undefined, 2)}\n`),
    );
  }

  async putMaterial(id: string, version: number, material: Buffer): Promise<void> {
    await this.write(this.secretFile(id, version), material);
  }

  /** Overwritten where it stands: what the file system and the drive keep besides is theirs. */
  async destroyMaterial(id: string): Promise<void> {
    for (const name of await this.names()) {
      if (!name.startsWith(`${id}.`) || !name.endsWith(".secret")) continue;
      const file = join(this.folder, name);
      const handle = await open(file, "r+");
      try {
        await handle.write(Buffer.alloc((await handle.stat()).size), 0);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await unlink(file);
    }
    await syncFolder(this.folder);
  }

  private secretFile(id: string, version: number): string {
    return join(this.folder, `${id}.${version}.secret`);
  }

  private async prepare(): Promise<void> {
    const parent = dirname(this.folder);
    await mkdir(parent, { recursive: true });
    try {
      await mkdir(this.folder, { mode: 0o700 });
      await syncFolder(parent);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    await this.requirePrivateFolder();
  }

  /** Names in the folder; none where it isn't there yet. */
  private async names(): Promise<string[]> {
    const names = await readdir(this.folder).catch(ignoreAbsent);
    if (!names) return [];
    await this.requirePrivateFolder();
    return names;
  }

  private async requirePrivateFolder(): Promise<void> {
    const { mode } = await lstat(this.folder);
    requirePrivate(this.folder, mode, "700");
  }

  private async read(file: string): Promise<Buffer> {
    const handle = await open(file, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
    try {
      requirePrivate(file, (await handle.stat()).mode, "600");
      await this.requirePrivateFolder();
      return await handle.readFile();
    } finally {
      await handle.close();
    }
  }

  private async write(file: string, bytes: Buffer): Promise<void> {
    const temporary = temporaryPath(this.folder);
    try {
      const handle = await open(temporary, "wx", 0o600);
      try {
        await handle.writeFile(bytes);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(temporary, file);
    } catch (error) {
      await unlink(temporary).catch(() => undefined);
      throw error;
    }
    await syncFolder(this.folder);
  }

  private async attempt<T>(doing: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (Fault.is(error) || ViolationError.is(error)) throw error;
      throw new Fault(doing, { cause: error });
    }
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
