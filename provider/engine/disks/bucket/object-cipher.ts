import { createHmac, hkdfSync, webcrypto } from "node:crypto";
import type { DataKey } from "../disk-store";
import { additionalData, NONCE, TAG, type Kind } from "./sealed-format";

const { subtle } = webcrypto;
const CIPHER = "AES-GCM";

/** A part as it stands in the object: its bytes with the tag behind them. */
export interface SealedPart {
  nonce: Buffer;
  sealed: Buffer;
}

/**
 * Seals and opens the parts of one object. The work is done beside the event loop, on as many cores as there are
 * threads for it.
 */
export class ObjectCipher {
  private constructor(
    private readonly objectId: string,
    private readonly key: webcrypto.CryptoKey,
    private readonly nonceKey: Buffer,
  ) {}

  /** `recordKey`: of a locked object, the data key of its record, without which the object's own opens nothing. */
  static async of(objectId: string, dataKey: DataKey, recordKey?: DataKey): Promise<ObjectCipher> {
    const material = recordKey ? Buffer.concat([dataKey, recordKey]) : dataKey;
    const derive = (purpose: string) =>
      Buffer.from(hkdfSync("sha256", material, Buffer.from(objectId, "hex"), `sealed disk 1 ${purpose}`, 32));
    const raw = derive("parts");
    try {
      const key = await subtle.importKey("raw", raw, CIPHER, false, ["encrypt", "decrypt"]);
      return new ObjectCipher(objectId, key, derive("nonces"));
    } finally {
      raw.fill(0);
      if (recordKey) material.fill(0);
    }
  }

  async seal(kind: Kind, number: number, bytes: Buffer): Promise<SealedPart> {
    const data = additionalData(this.objectId, kind, number);
    const digest = Buffer.from(await subtle.digest("SHA-256", bytes));
    const nonce = createHmac("sha256", this.nonceKey).update(data).update(digest).digest().subarray(0, NONCE);
    const sealed = await subtle.encrypt(parameters(data, nonce), this.key, bytes);
    return { nonce, sealed: Buffer.from(sealed) };
  }

  /** Undefined where it isn't what was sealed in this place. */
  async open(kind: Kind, number: number, { nonce, sealed }: SealedPart): Promise<Buffer | undefined> {
    const data = additionalData(this.objectId, kind, number);
    return subtle.decrypt(parameters(data, nonce), this.key, sealed).then(
      (bytes) => Buffer.from(bytes),
      () => undefined,
    );
  }
}

function parameters(additionalData: Buffer, iv: Buffer): webcrypto.AesGcmParams {
  return { name: CIPHER, iv, additionalData, tagLength: TAG * 8 };
}
