import type { FileHandle } from "node:fs/promises";

const MAGIC = 0x514649fb;
const VERSION = 3;
const HEADER = 104;
/** The whole header, with the name of the base, lies in the first cluster. */
const CLUSTER_BITS = 16;
const CLUSTER = 2 ** CLUSTER_BITS;
const LUKS = 2;

/** What the header of a qcow2 file that we made tells; numbers are big-endian. */
export interface Qcow2Header {
  virtualBytes: number;
  isSealed: boolean;
  /** Name of the file that it is based on. */
  base?: string;
}

export async function readHeader(file: FileHandle): Promise<Qcow2Header> {
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

export interface Overlay {
  virtualBytes: number;
  base: string;
  baseFormat: "raw" | "qcow2";
}

/**
 * Writes an empty overlay, version 3 of the format: header, table of reference counts, one block of them, table of
 * the data's clusters. Written here since starting a tool for four clusters takes many times as long.
 */
export async function writeOverlay(file: FileHandle, overlay: Overlay): Promise<void> {
  const { virtualBytes, base, baseFormat } = overlay;
  // An entry of the first table stands for a cluster of entries of 8 bytes, each a cluster of data.
  const l1Entries = Math.ceil(virtualBytes / (CLUSTER * (CLUSTER / 8)));
  const l1Clusters = Math.max(1, Math.ceil((l1Entries * 8) / CLUSTER));
  const [refcountTable, refcountBlock, l1Table, end] = [1, 2, 3, 3 + l1Clusters];

  const header = Buffer.alloc(CLUSTER);
  header.writeUInt32BE(MAGIC, 0);
  header.writeUInt32BE(VERSION, 4);
  header.writeUInt32BE(CLUSTER_BITS, 20);
  header.writeBigUInt64BE(BigInt(virtualBytes), 24);
  header.writeUInt32BE(l1Entries, 36);
  header.writeBigUInt64BE(BigInt(l1Table * CLUSTER), 40);
  header.writeBigUInt64BE(BigInt(refcountTable * CLUSTER), 48);
  header.writeUInt32BE(1, 56); // clusters of the table of reference counts
  header.writeUInt32BE(4, 96); // reference counts of 2^4 bits
  header.writeUInt32BE(HEADER, 100);
  let at = HEADER;
  const extension = (type: number, data: string) => {
    header.writeUInt32BE(type, at);
    header.writeUInt32BE(data.length, at + 4);
    header.write(data, at + 8);
    at += 8 + Math.ceil(data.length / 8) * 8;
  };
  extension(BASE_FORMAT, baseFormat);
  extension(0, "");
  header.writeBigUInt64BE(BigInt(at), 8);
  header.writeUInt32BE(base.length, 16);
  header.write(base, at);

  const table = Buffer.alloc(8);
  table.writeBigUInt64BE(BigInt(refcountBlock * CLUSTER));
  const counts = Buffer.alloc(end * 2);
  for (let cluster = 0; cluster < end; cluster++) counts.writeUInt16BE(1, cluster * 2);
  await file.write(header, 0, at + base.length, 0);
  await file.write(table, 0, table.length, refcountTable * CLUSTER);
  await file.write(counts, 0, counts.length, refcountBlock * CLUSTER);
  await file.truncate(end * CLUSTER);
}

/** Type of the header's extension that states the format of the base, so that it is never probed. */
const BASE_FORMAT = 0xe2792aca;
