import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import type { DataKey } from "./disk-store";

const CIPHER = "aes-256-gcm";
const NONCE = 12;
const TAG = 16;

export function seal(bytes: Buffer, key: DataKey): Buffer {
  const nonce = randomBytes(NONCE);
  const cipher = createCipheriv(CIPHER, key, nonce);
  const sealed = [cipher.update(bytes), cipher.final()];
  return Buffer.concat([nonce, cipher.getAuthTag(), ...sealed]);
}

/** Undefined where the key isn't the one that sealed. */
export function unseal(sealed: Buffer, key: DataKey): Buffer | undefined {
  const decipher = createDecipheriv(CIPHER, key, sealed.subarray(0, NONCE));
  decipher.setAuthTag(sealed.subarray(NONCE, NONCE + TAG));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(NONCE + TAG)), decipher.final()]);
  } catch {
    return undefined;
  }
}
