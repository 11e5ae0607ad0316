import { createCipheriv, createDecipheriv, pbkdf2, randomBytes } from "node:crypto";
import { promisify } from "node:util";
import { UserError } from "../user-error";

const derive = promisify(pbkdf2);
const ROUNDS = 1_000_000;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Encrypted beside the salt, so that a wrong passphrase is told from a right one. */
const PROOF = "pulumi";

/** Pulumi's passphrase secrets: AES-256-GCM under a key derived by PBKDF2, `v1:<nonce>:<ciphertext and tag>` in base64. */
export interface Crypter {
  /** `v1:<salt>:<the encrypted proof>`: what a file must hold for its secrets to be read again. */
  readonly salt: string;
  encrypt(plaintext: string): string;
  /** Throws UserError where the text is damaged or was made with another key. */
  decrypt(ciphertext: string): string;
}

/** With a new random salt. Takes about a third of a second, off the main thread. */
export async function newCrypter(passphrase: string): Promise<Crypter> {
  const salt = randomBytes(8);
  const key = await derive(passphrase, salt, ROUNDS, 32, "sha256");
  return crypter(key, `v1:${salt.toString("base64")}:${encrypt(key, PROOF)}`);
}

/** With the salt of a file; undefined where the passphrase is wrong. */
export async function openCrypter(passphrase: string, salt: string): Promise<Crypter | undefined> {
  const [version, bytes, ...proof] = salt.split(":");
  if (version !== "v1" || !bytes || proof.length !== 3) {
    throw new UserError(`The encryption salt is damaged: it should look like v1:…:v1:…:…, not "${salt}".`);
  }
  const key = await derive(passphrase, Buffer.from(bytes, "base64"), ROUNDS, 32, "sha256");
  try {
    return decrypt(key, proof.join(":")) === PROOF ? crypter(key, salt) : undefined;
  } catch {
    return undefined;
  }
}

function crypter(key: Buffer, salt: string): Crypter {
  return {
    salt,
    encrypt: (plaintext) => encrypt(key, plaintext),
    decrypt: (ciphertext) => {
      try {
        return decrypt(key, ciphertext);
      } catch (error) {
        throw new UserError(
          "A secret can't be decrypted: it is damaged, or was encrypted under another passphrase or salt.",
          { cause: error },
        );
      }
    },
  };
}

function encrypt(key: Buffer, plaintext: string): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  const sealed = Buffer.concat([cipher.update(plaintext, "utf8"), cipher.final(), cipher.getAuthTag()]);
  return `v1:${nonce.toString("base64")}:${sealed.toString("base64")}`;
}

function decrypt(key: Buffer, ciphertext: string): string {
  const [version, nonce, sealed, ...rest] = ciphertext.split(":");
  if (version !== "v1" || nonce === undefined || sealed === undefined || rest.length > 0) {
    throw new Error("not a v1 ciphertext");
  }
  const bytes = Buffer.from(sealed, "base64");
  const decipher = createDecipheriv("aes-256-gcm", key, Buffer.from(nonce, "base64"), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  return Buffer.concat([decipher.update(bytes.subarray(0, -TAG_BYTES)), decipher.final()]).toString("utf8");
}
