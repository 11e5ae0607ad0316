import { Mutex } from "../../catalog/mutex";
import { removeLeftovers } from "../../disks/temporary-file";
import type { KeyChange, KeyStorage } from "../key-storage";
import type { StoredKey } from "../stored-key";
import { KEY_ID } from "../wrapped-key";
import { withFolderLock } from "./folder-lock";
import { attempt, PrivateFolder } from "./private-folder";
import { readStoredKey } from "./stored-key-text";

const KEY_FILE = /^(?<id>key-[0-9a-f]{12})\.json$/;

/** What is known of keys, as `<id>.json` each: a change of a key never writes its secret again. */
export class FolderKeyStorage implements KeyStorage, KeyChange {
  private readonly folder: PrivateFolder;
  /** Changes of one process wait in line; the folder's lock is between processes. */
  private readonly changes = new Mutex();

  constructor(path: string) {
    this.folder = new PrivateFolder(path);
  }

  all(): Promise<StoredKey[]> {
    return attempt("Reading the master keys", async () => {
      const names = await this.folder.names();
      const ids = names.flatMap((name) => KEY_FILE.exec(name)?.groups?.id ?? []);
      const found = await Promise.all(ids.map((id) => this.find(id)));
      return found.filter((key) => key !== undefined);
    });
  }

  async find(id: string): Promise<StoredKey | undefined> {
    if (!KEY_ID.test(id)) return undefined;
    return attempt(`Reading master key ${id}`, async () => {
      const bytes = await this.folder.read(`${id}.json`);
      return bytes && readStoredKey(bytes, id, this.folder.fileOf(`${id}.json`));
    });
  }

  exclusively<T>(change: (keys: KeyChange) => Promise<T>): Promise<T> {
    const alone = async () => {
      await this.folder.prepare();
      return withFolderLock(this.folder.path, async () => {
        await removeLeftovers(this.folder.path);
        return change(this);
      });
    };
    return attempt("Changing the master keys", () => this.changes.run(alone));
  }

  async put(key: StoredKey): Promise<StoredKey> {
    await this.folder.write(`${key.id}.json`, Buffer.from(`${JSON.stringify(key, undefined, 2)}\n`));
    return key;
  }

  async close(): Promise<void> {}
}
