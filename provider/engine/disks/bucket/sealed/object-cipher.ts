import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  webcrypto,
} from "node:crypto";
import type { KeyObject } from "node:crypto";
import { release } from "../../../release";
import type { DataKey } from "../../disk-store";
import { additionalData, NONCE, TAG, type Kind } from "./sealed-format";

const CIPHER = "aes-256-gcm";

/** A part as it stands in the object. */
export interface SealedPart {
  nonce: Buffer;
  /** As many bytes as were sealed. */
  body: Buffer;
  tag: Buffer;
}

/** Seals and opens the parts of one object. */
export class ObjectCipher {
  private constructor(
    private readonly objectId: string,
    private readonly key: KeyObject,
    private readonly nonceKey: Buffer,
  ) {}

  /** `recordKey`: of a locked object, the data key of its record, without which the object's own opens nothing. */
  static of(objectId: string, dataKey: DataKey, recordKey?: DataKey): ObjectCipher {
    const material = recordKey ? Buffer.concat([dataKey, recordKey]) : dataKey;
    const derive = (purpose: string) =>
      Buffer.from(hkdfSync("sha256", material, Buffer.from(objectId, "hex"), `sealed disk 1 ${purpose}`, 32));
    try {
      const raw = derive("parts");
      const key = createSecretKey(raw);
      raw.fill(0);
      return new ObjectCipher(objectId, key, derive("nonces"));
    } finally {
      if (recordKey) material.fill(0);
    }
  }

  async seal(kind: Kind, number: number, bytes: Buffer): Promise<SealedPart> {
    const data = additionalData(this.objectId, kind, number);
    // The dearer half of the work, and beside the event loop.
    const digest = Buffer.from(await webcrypto.subtle.digest("SHA-256", bytes));
    const nonce = createHmac("sha256", this.nonceKey).update(data).update(digest).digest().subarray(0, NONCE);
    const cipher = createCipheriv(CIPHER, this.key, nonce).setAAD(data);
    const body = cipher.update(bytes);
    cipher.final();
    return { nonce, body, tag: cipher.getAuthTag() };
  }

  /** `sealed`: body and tag. Undefined where it isn't what was sealed in this place. */
  open(kind: Kind, number: number, nonce: Buffer, sealed: Buffer): Buffer | undefined {
    if (sealed.length < TAG) return undefined;
    const cipher = createDecipheriv(CIPHER, this.key, nonce, { authTagLength: TAG });
    cipher.setAAD(additionalData(this.objectId, kind, number)).setAuthTag(sealed.subarray(-TAG));
    const bytes = cipher.update(sealed.subarray(0, -TAG));
    try {
      cipher.final();
      return bytes;
    } catch {
      release(bytes);
      return undefined;
    }
  }
}
