import type { FileHandle } from "node:fs/promises";
import { writeWhole } from "./sparse-writer";

const MAGIC = 0x514649fb;
const VERSION = 3;
const HEADER = 104;
const CLUSTER_BITS = 16;
const CLUSTER = 2 ** CLUSTER_BITS;
const LUKS = 2;
/** Extensions of the header: the format of the base, so that it is never probed; where the header of LUKS lies. */
const [BASE_FORMAT, LUKS_HEADER, LAST] = [0xe2792aca, 0x0537be77, 0];

/** What the header of a qcow2 file that we made tells. */
export interface Qcow2Header {
  virtualBytes: number;
  isSealed: boolean;
  /** Name of the file that it is based on. */
  base?: string;
}

export async function readQcow2(file: FileHandle): Promise<Qcow2Header> {
  // The whole header, with the name of the base, lies in the first cluster.
  const head = Buffer.alloc(CLUSTER);
  const { bytesRead } = await file.read(head, 0, CLUSTER, 0);
  if (bytesRead < HEADER || head.readUInt32BE(0) !== MAGIC) throw new Error("its file isn't a qcow2 disk");
  const baseAt = Number(head.readBigUInt64BE(8));
  const base = head.subarray(baseAt, baseAt + head.readUInt32BE(16)).toString();
  return {
    virtualBytes: Number(head.readBigUInt64BE(24)),
    isSealed: head.readUInt32BE(32) === LUKS,
    base: baseAt > 0 ? base : undefined,
  };
}

/** A disk that holds nothing yet: on top of a base, or sealed. */
export type NewQcow2 = { virtualBytes: number } & (
  { base: string; baseFormat: "raw" | "qcow2" } | { luksHeader: Buffer }
);

/**
 * Writes a new file, version 3 of the format: header, table of reference counts, one block of them, table of the
 * data's clusters, LUKS header. Written here since starting a tool for a few clusters takes many times as long.
 */
export async function writeQcow2(file: FileHandle, disk: NewQcow2): Promise<void> {
  // An entry of the first table stands for a cluster of entries of 8 bytes, each a cluster of data.
  const l1Entries = Math.ceil(disk.virtualBytes / (CLUSTER * (CLUSTER / 8)));
  const luksHeader = "luksHeader" in disk ? disk.luksHeader : Buffer.alloc(0);
  const [refcountTable, refcountBlock, l1Table] = [1, 2, 3];
  const luks = l1Table + Math.max(1, Math.ceil((l1Entries * 8) / CLUSTER));
  const end = luks + Math.ceil(luksHeader.length / CLUSTER);

  const header = Buffer.alloc(CLUSTER);
  header.writeUInt32BE(MAGIC, 0);
  header.writeUInt32BE(VERSION, 4);
  header.writeUInt32BE(CLUSTER_BITS, 20);
  header.writeBigUInt64BE(BigInt(disk.virtualBytes), 24);
  header.writeUInt32BE("luksHeader" in disk ? LUKS : 0, 32);
  header.writeUInt32BE(l1Entries, 36);
  header.writeBigUInt64BE(BigInt(l1Table * CLUSTER), 40);
  header.writeBigUInt64BE(BigInt(refcountTable * CLUSTER), 48);
  header.writeUInt32BE(1, 56); // clusters of the table of reference counts
  header.writeUInt32BE(4, 96); // reference counts of 2^4 bits
  header.writeUInt32BE(HEADER, 100);
  let at = HEADER;
  const extend = (type: number, data: Buffer) => {
    header.writeUInt32BE(type, at);
    header.writeUInt32BE(data.length, at + 4);
    data.copy(header, at + 8);
    at += 8 + Math.ceil(data.length / 8) * 8;
  };
  if ("luksHeader" in disk) extend(LUKS_HEADER, numbers(luks * CLUSTER, luksHeader.length));
  else extend(BASE_FORMAT, Buffer.from(disk.baseFormat));
  extend(LAST, Buffer.alloc(0));
  if ("base" in disk) {
    header.writeBigUInt64BE(BigInt(at), 8);
    header.writeUInt32BE(disk.base.length, 16);
    at += header.write(disk.base, at);
  }

  const counts = Buffer.alloc(end * 2);
  for (let cluster = 0; cluster < end; cluster++) counts.writeUInt16BE(1, cluster * 2);
  await writeWhole(file, header.subarray(0, at), 0);
  await writeWhole(file, numbers(refcountBlock * CLUSTER), refcountTable * CLUSTER);
  await writeWhole(file, counts, refcountBlock * CLUSTER);
  await writeWhole(file, luksHeader, luks * CLUSTER);
  await file.truncate(end * CLUSTER);
}

function numbers(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 8);
  values.forEach((value, index) => bytes.writeBigUInt64BE(BigInt(value), index * 8));
  return bytes;
}
