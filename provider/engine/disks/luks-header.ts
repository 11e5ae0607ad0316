import { createCipheriv, createHash, pbkdf2Sync, randomBytes, randomUUID } from "node:crypto";

const SECTOR = 512;
const KEY = 64;
const SALT = 32;
const DIGEST = 20;
const STRIPES = 4000;
const SLOTS = 8;
const [ACTIVE, INACTIVE] = [0x00ac71f3, 0x0000dead];
/** Where the first slot's key material lies, and how far it is to the next one's; bytes. */
const FIRST_SLOT = 4096;
const SLOT = Math.ceil((KEY * STRIPES) / 4096) * 4096;
const HEADER = FIRST_SLOT + SLOTS * SLOT;
/** The passphrase and the key are random, 256 bits and more: making them slow to derive would protect nothing. */
const ITERATIONS = 1000;

/**
 * The header of a new LUKS disk (version 1, AES-256-XTS with a key of its own) that a passphrase opens. Made here since
 * QEMU spends seconds on choosing a count of iterations, and now and then fails to.
 */
export function newLuksHeader(passphrase: string): Buffer {
  const masterKey = randomBytes(KEY);
  const [salt, digestSalt] = [randomBytes(SALT), randomBytes(SALT)];
  const header = Buffer.alloc(HEADER);
  header.write("LUKS\xba\xbe", 0, "latin1");
  header.writeUInt16BE(1, 6);
  header.write("aes", 8);
  header.write("xts-plain64", 40);
  header.write("sha256", 72);
  header.writeUInt32BE(HEADER / SECTOR, 104);
  header.writeUInt32BE(KEY, 108);
  pbkdf2Sync(masterKey, digestSalt, ITERATIONS, DIGEST, "sha256").copy(header, 112);
  digestSalt.copy(header, 132);
  header.writeUInt32BE(ITERATIONS, 164);
  header.write(randomUUID(), 168);
  for (let slot = 0; slot < SLOTS; slot++) {
    const at = 208 + slot * 48;
    header.writeUInt32BE(slot === 0 ? ACTIVE : INACTIVE, at);
    if (slot === 0) {
      header.writeUInt32BE(ITERATIONS, at + 4);
      salt.copy(header, at + 8);
    }
    header.writeUInt32BE((FIRST_SLOT + slot * SLOT) / SECTOR, at + 40);
    header.writeUInt32BE(STRIPES, at + 44);
  }
  const slotKey = pbkdf2Sync(passphrase, salt, ITERATIONS, KEY, "sha256");
  encryptSectors(splitKey(masterKey), slotKey).copy(header, FIRST_SLOT);
  return header;
}

/** Anti-forensic split: each of the stripes is needed to have the key back. */
function splitKey(key: Buffer): Buffer {
  const stripes = randomBytes(KEY * STRIPES);
  let mixed: Buffer = Buffer.alloc(KEY);
  for (let stripe = 0; stripe < STRIPES - 1; stripe++) {
    mixed = diffuse(xor(mixed, stripes.subarray(stripe * KEY, (stripe + 1) * KEY)));
  }
  xor(mixed, key).copy(stripes, (STRIPES - 1) * KEY);
  return stripes;
}

function diffuse(block: Buffer): Buffer {
  const length = 32;
  const parts = [];
  for (let part = 0; part * length < block.length; part++) {
    const index = Buffer.alloc(4);
    index.writeUInt32BE(part);
    const hash = createHash("sha256").update(index);
    parts.push(hash.update(block.subarray(part * length, (part + 1) * length)).digest());
  }
  return Buffer.concat(parts);
}

function xor(a: Buffer, b: Buffer): Buffer {
  return Buffer.from(a.map((byte, at) => byte ^ b[at]!));
}

/** AES-256-XTS, the number of each sector for its nonce (plain64). */
function encryptSectors(plain: Buffer, key: Buffer): Buffer {
  const sectors = [];
  for (let sector = 0; sector * SECTOR < plain.length; sector++) {
    const nonce = Buffer.alloc(16);
    nonce.writeUInt32LE(sector);
    const cipher = createCipheriv("aes-256-xts", key, nonce);
    sectors.push(cipher.update(plain.subarray(sector * SECTOR, (sector + 1) * SECTOR)), cipher.final());
  }
  return Buffer.concat(sectors);
}
