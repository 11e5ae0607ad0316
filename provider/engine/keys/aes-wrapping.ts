import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";

const CIPHER = "aes-256-gcm";
export const NONCE_BYTES = 12;
export const TAG_BYTES = 16;

/** Of master keys and data keys alike. */
export const KEY_BYTES = 32;

/** Nonce, sealed data key and tag. `context` is authenticated with them. */
export function aesWrap(masterKey: Buffer, dataKey: Buffer, context: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, masterKey, nonce).setAAD(Buffer.from(context));
  return Buffer.concat([nonce, cipher.update(dataKey), cipher.final(), cipher.getAuthTag()]);
}

/** Undefined where `sealed` isn't what `aesWrap` gave for this key and context. */
export function aesUnwrap(masterKey: Buffer, sealed: Buffer, context: string): Buffer | undefined {
  if (sealed.length !== NONCE_BYTES + KEY_BYTES + TAG_BYTES) return undefined;
  const cipher = createDecipheriv(CIPHER, masterKey, sealed.subarray(0, NONCE_BYTES), {
    authTagLength: TAG_BYTES,
  });
  cipher.setAAD(Buffer.from(context)).setAuthTag(sealed.subarray(-TAG_BYTES));
  const dataKey = cipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES));
  try {
    cipher.final();
    return dataKey;
  } catch {
    dataKey.fill(0);
    return undefined;
  }
}
