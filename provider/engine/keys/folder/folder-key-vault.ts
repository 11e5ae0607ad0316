import { randomBytes } from "node:crypto";
import { Fault } from "../../violation";
import { KEY_BYTES } from "../aes-wrapping";
import { SoftwareVault } from "../software-vault";
import { attempt, PrivateFolder } from "./private-folder";

/** The 32 bytes of each version in `<id>.<version>.secret`. */
export class FolderKeyVault extends SoftwareVault {
  private readonly folder: PrivateFolder;

  /**
   * `makes`: the folder, where it isn't there. Not where several machines share it: on one that hasn't mounted it, keys
   * would be made that no other has.
   */
  constructor(
    path: string,
    private readonly options: { makes: boolean },
  ) {
    super();
    this.folder = new PrivateFolder(path);
  }

  reach(): Promise<void> {
    const doing = "Looking into the folder of the master keys";
    return attempt(doing, async () => {
      if (this.options.makes || (await this.folder.isThere())) await this.folder.requireWritable();
      else throw this.noFolder(doing);
    });
  }

  generate(id: string, version: number): Promise<void> {
    const doing = `Making version ${version} of master key ${id}`;
    return attempt(doing, async () => {
      if (this.options.makes) await this.folder.prepare();
      else if (!(await this.folder.isThere())) throw this.noFolder(doing);
      const standing = await this.folder.read(nameOf(id, version));
      standing?.fill(0);
      if (standing) return;
      const material = randomBytes(KEY_BYTES);
      try {
        await this.folder.write(nameOf(id, version), material);
      } finally {
        material.fill(0);
      }
    });
  }

  destroy(id: string): Promise<void> {
    return attempt(`Destroying master key ${id}`, async () => {
      const names = await this.folder.names();
      await this.folder.shred(names.filter((name) => name.startsWith(`${id}.`) && name.endsWith(".secret")));
    });
  }

  protected material(id: string, version: number): Promise<Buffer> {
    const doing = `Reading master key ${id}`;
    return attempt(doing, async () => {
      const bytes = await this.folder.read(nameOf(id, version));
      if (bytes?.length === KEY_BYTES) return bytes;
      bytes?.fill(0);
      if (!(await this.folder.isThere())) throw this.noFolder(doing);
      const file = this.folder.fileOf(nameOf(id, version));
      const left = `Bring it back from a backup of ${this.folder.path}`;
      throw new Fault(doing, { says: bytes ? `${file} doesn't hold a key` : `there is no ${file}`, left });
    });
  }

  private noFolder(doing: string): Fault {
    const { path } = this.folder;
    return new Fault(doing, {
      says: `there is no folder ${path} on this machine`,
      left: `Mount it where all machines have it, or make it where the region is new: mkdir -m 700 ${path}`,
    });
  }
}

function nameOf(id: string, version: number): string {
  return `${id}.${version}.secret`;
}
