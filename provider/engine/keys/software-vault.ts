import { aesUnwrap, aesWrap } from "./aes-wrapping";
import type { KeyVault } from "./key-vault";
import { notAsWrapped } from "./wrapped-key";

/** A vault whose material this process reads for each use, and clears. */
export abstract class SoftwareVault implements KeyVault {
  abstract reach(): Promise<void>;
  abstract generate(id: string, version: number): Promise<void>;
  abstract destroy(id: string): Promise<void>;
  /** The 32 secret bytes of one version: a copy, which is cleared after use. */
  protected abstract material(id: string, version: number): Promise<Buffer>;

  async wrap(id: string, version: number, dataKey: Buffer, context: string): Promise<Buffer> {
    const material = await this.material(id, version);
    try {
      return aesWrap(material, dataKey, context);
    } finally {
      material.fill(0);
    }
  }

  async unwrap(id: string, version: number, sealed: Buffer, context: string): Promise<Buffer> {
    const material = await this.material(id, version);
    try {
      const dataKey = aesUnwrap(material, sealed, context);
      if (!dataKey) throw notAsWrapped(id);
      return dataKey;
    } finally {
      material.fill(0);
    }
  }

  async disable(): Promise<void> {}
  async enable(): Promise<void> {}
  async close(): Promise<void> {}
}
