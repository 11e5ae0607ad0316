import { crc32c } from "../../../../../provider/engine/disks/foreign/crc32c";

const KIB = 2 ** 10;
export const VHDX_HEADERS = [64 * KIB, 128 * KIB];
export const VHDX_HEADER_BYTES = 4 * KIB;
export const VHDX_REGION_TABLES = [192 * KIB, 256 * KIB];
export const VHDX_REGION_TABLE_BYTES = 64 * KIB;

export function mendVhdSum(part: Buffer, at: number): void {
  part.writeUInt32BE(0, at);
  part.writeUInt32BE(~part.reduce((total, byte) => total + byte, 0) >>> 0, at);
}

export function mendVhdxSum(part: Buffer): void {
  part.writeUInt32LE(crc32c(part, 4), 4);
}

/** Makes a damaged VHD sound by its checksums, so that what it says is looked at. */
export function mendVhd(bytes: Buffer): void {
  if (bytes.length < 2048) return;
  const header = bytes.subarray(0, 512);
  mendVhdSum(header, 64);
  header.copy(bytes, bytes.length - 512);
  const at = Number(header.readBigUInt64BE(16));
  if (at + 1024 <= bytes.length) mendVhdSum(bytes.subarray(at, at + 1024), 36);
}

/** As for a VHD. */
export function mendVhdx(bytes: Buffer): void {
  if (bytes.length < 320 * KIB) return;
  const [table, copy] = VHDX_REGION_TABLES as [number, number];
  bytes.copy(bytes, copy, table, table + VHDX_REGION_TABLE_BYTES);
  for (const at of VHDX_HEADERS) mendVhdxSum(bytes.subarray(at, at + VHDX_HEADER_BYTES));
  for (const at of VHDX_REGION_TABLES) mendVhdxSum(bytes.subarray(at, at + VHDX_REGION_TABLE_BYTES));
}
