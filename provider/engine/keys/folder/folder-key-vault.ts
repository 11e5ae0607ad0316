import { randomBytes } from "node:crypto";
import { Fault } from "../../violation";
import { KEY_BYTES } from "../aes-wrapping";
import { SoftwareVault } from "../software-vault";
import { attempt, PrivateFolder } from "./private-folder";

/** The 32 bytes of each version in `<id>.<version>.secret`. */
export class FolderKeyVault extends SoftwareVault {
  private readonly folder: PrivateFolder;

  constructor(path: string) {
    super();
    this.folder = new PrivateFolder(path);
  }

  generate(id: string, version: number): Promise<void> {
    return attempt(`Making version ${version} of master key ${id}`, async () => {
      await this.folder.prepare();
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
      const file = this.folder.fileOf(nameOf(id, version));
      const left = `Bring it back from a backup of ${this.folder.path}`;
      throw new Fault(doing, { says: bytes ? `${file} doesn't hold a key` : `there is no ${file}`, left });
    });
  }
}

function nameOf(id: string, version: number): string {
  return `${id}.${version}.secret`;
}
