import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { Fault } from "../violation";

const CIPHER = "aes-256-gcm";
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Of master keys and data keys alike. */
export const KEY_BYTES = 32;

export const KEY_ID = /^key-[0-9a-f]{12}$/;

/** `v1.<key ID>.<version>.<nonce, sealed data key and tag as base64url>`: 60 bytes are 80 characters, none to spare. */
const WRAPPED = /^(?<head>v1\.(?<id>key-[0-9a-f]{12})\.(?<version>[1-9]\d{0,8}))\.(?<sealed>[\w-]{80})$/;

export interface Wrapped {
  id: string;
  version: number;
  /** The text before the sealed bytes: authenticated with them. */
  head: string;
  sealed: Buffer;
}

export function wrap(masterKey: Buffer, id: string, version: number, dataKey: Buffer): string {
  const head = `v1.${id}.${version}`;
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, masterKey, nonce).setAAD(Buffer.from(head));
  const sealed = Buffer.concat([nonce, cipher.update(dataKey), cipher.final(), cipher.getAuthTag()]);
  return `${head}.${sealed.toString("base64url")}`;
}

export function parseWrapped(wrappedKey: string): Wrapped {
  const parts = WRAPPED.exec(wrappedKey)?.groups;
  if (!parts) throw altered("it isn't one");
  const { id = "", version, head = "", sealed = "" } = parts;
  return { id, version: Number(version), head, sealed: Buffer.from(sealed, "base64url") };
}

export function unwrap(masterKey: Buffer, { id, head, sealed }: Wrapped): Buffer {
  const nonce = sealed.subarray(0, NONCE_BYTES);
  const body = sealed.subarray(NONCE_BYTES, -TAG_BYTES);
  const cipher = createDecipheriv(CIPHER, masterKey, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.from(head)).setAuthTag(sealed.subarray(-TAG_BYTES));
  const dataKey = cipher.update(body);
  try {
    cipher.final();
    return dataKey;
  } catch {
    dataKey.fill(0);
    throw altered(`it isn't as master key ${id} wrapped it`);
  }
}

export function altered(why: string): Fault {
  return new Fault("Unwrapping a data key", {
    says: `${why}: the catalogue or the keys were altered, or they don't belong together`,
    left: "Nothing was changed. Bring both back from one backup",
  });
}
