import { createCipheriv, createHash, pbkdf2Sync, randomBytes, randomUUID } from "node:crypto";

const SECTOR = 512;
const KEY = 64;
const SALT = 32;
const DIGEST = 20;
const HASH = 32;
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
  const [salt, digestSalt] = [randomBytes(SALT), randomBytes(SALT)];
  const masterKey = randomBytes(KEY);
  const slotKey = pbkdf2Sync(passphrase, salt, ITERATIONS, KEY, "sha256");
  const stripes = splitKey(masterKey);
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
  encryptSectors(stripes, slotKey).copy(header, FIRST_SLOT);
  for (const secret of [masterKey, slotKey, stripes]) secret.fill(0);
  return header;
}

/** Anti-forensic split: each of the stripes is needed to have the key back. */
function splitKey(key: Buffer): Buffer {
  const stripes = randomBytes(KEY * STRIPES);
  const mixed = Buffer.alloc(KEY);
  const last = stripes.subarray(-KEY);
  for (let at = 0; at < stripes.length - KEY; at += KEY) {
    xorInto(mixed, stripes.subarray(at, at + KEY));
    diffuse(mixed);
  }
  key.copy(last);
  xorInto(last, mixed);
  mixed.fill(0);
  return stripes;
}

/** Puts the hash of its number and its bytes in the place of each part of a block. */
function diffuse(block: Buffer): void {
  const number = Buffer.alloc(4);
  for (let at = 0; at < block.length; at += HASH) {
    number.writeUInt32BE(at / HASH);
    const part = block.subarray(at, at + HASH);
    const hashed = createHash("sha256").update(number).update(part).digest();
    hashed.copy(part);
    hashed.fill(0);
  }
}

function xorInto(block: Buffer, other: Buffer): void {
  for (let at = 0; at < block.length; at++) block[at]! ^= other[at]!;
}

/** AES-256-XTS, the number of each sector for its nonce (plain64). */
function encryptSectors(plain: Buffer, key: Buffer): Buffer {
  const sectors = [];
  const nonce = Buffer.alloc(16);
  for (let sector = 0; sector * SECTOR < plain.length; sector++) {
    nonce.writeUInt32LE(sector);
    const cipher = createCipheriv("aes-256-xts", key, nonce);
    sectors.push(cipher.update(plain.subarray(sector * SECTOR, (sector + 1) * SECTOR)), cipher.final());
  }
  return Buffer.concat(sectors);
}
