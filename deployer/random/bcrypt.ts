import { randomBytes } from "node:crypto";
import { Blowfish } from "./blowfish";

const ALPHABET = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const STANDARD = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const MAGIC = "OrpheanBeholderScryDoubt";
const LONGEST = 72;

/**
 * bcrypt (2a) of the password's first 72 bytes in UTF-8, as `$2a$<cost>$<salt><hash>`.
 * Yields to the event loop now and then: a hash takes about a tenth of a second.
 */
export async function bcrypt(
  password: string,
  { cost = 10, salt = randomBytes(16) }: { cost?: number; salt?: Buffer } = {},
): Promise<string> {
  const key = Buffer.concat([Buffer.from(password, "utf8").subarray(0, LONGEST), Buffer.from([0])]);
  const blowfish = new Blowfish();
  blowfish.expand(key, salt);
  for (let round = 0; round < 2 ** cost; round++) {
    blowfish.expand(key);
    blowfish.expand(salt);
    if (round % 64 === 63) await new Promise(setImmediate);
  }
  const words = Uint32Array.from({ length: 6 }, (_, i) => Buffer.from(MAGIC).readUInt32BE(i * 4));
  for (let i = 0; i < 64; i++) blowfish.encrypt(words);
  const hash = Buffer.alloc(24);
  words.forEach((word, i) => hash.writeUInt32BE(word, i * 4));
  return `$2a$${String(cost).padStart(2, "0")}$${encode(salt)}${encode(hash.subarray(0, 23))}`;
}

/** Base 64 in bcrypt's own alphabet, without padding. */
function encode(bytes: Buffer): string {
  return bytes
    .toString("base64")
    .replace(/=+$/, "")
    .replace(/./g, (c) => ALPHABET[STANDARD.indexOf(c)]!);
}
