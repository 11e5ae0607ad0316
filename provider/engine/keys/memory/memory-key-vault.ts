import { randomBytes } from "node:crypto";
import { Fault } from "../../violation";
import { KEY_BYTES } from "../aes-wrapping";
import { SoftwareVault } from "../software-vault";

/** Material that lives as long as the process. */
export class MemoryKeyVault extends SoftwareVault {
  private readonly materials = new Map<string, Map<number, Buffer>>();

  async reach(): Promise<void> {}

  async generate(id: string, version: number): Promise<void> {
    const versions = this.materials.get(id) ?? new Map<number, Buffer>();
    this.materials.set(id, versions);
    if (!versions.has(version)) versions.set(version, randomBytes(KEY_BYTES));
  }

  async destroy(id: string): Promise<void> {
    for (const material of this.materials.get(id)?.values() ?? []) material.fill(0);
    this.materials.delete(id);
  }

  protected async material(id: string, version: number): Promise<Buffer> {
    const found = this.materials.get(id)?.get(version);
    if (!found) throw new Fault(`Reading master key ${id}`, { says: `it has no version ${version}` });
    return Buffer.from(found);
  }
}
