import * as say from "../../messages/disk-files";
import { refusal } from "./foreign-disk";
import type { ForeignDisk } from "./foreign-disk";
import { inspectQcow2Tables } from "./qcow2-tables";
import type { Qcow2Layout } from "./qcow2-tables";
import { SECTOR } from "./signatures";

const V2_HEADER = 72;
const V3_HEADER = 104;
const EXTENSION = { dataFile: 0x44415441, encryption: 0x0537be77, bitmaps: 0x23852875 };
/** Incompatible features. */
const DIRTY = 1n << 0n;
const CORRUPT = 1n << 1n;
const DATA_FILE = 1n << 2n;
const COMPRESSION = 1n << 3n;
const EXTENDED_L2 = 1n << 4n;
const KNOWN = DIRTY | CORRUPT | DATA_FILE | COMPRESSION | EXTENDED_L2;
const MAX_L1_BYTES = 32 * 2 ** 20;
const MAX_REFCOUNT_BYTES = 8 * 2 ** 20;

/** Versions 2 and 3, whole by themselves: no backing file, data file, snapshots or encryption. */
export async function inspectQcow2(disk: ForeignDisk): Promise<number> {
  const header = await disk.read(0, V2_HEADER, "its header");
  const version = header.readUInt32BE(4);
  if (version !== 2 && version !== 3) {
    throw refusal(say.diskFileUnsupported(disk.file, `is of version ${version}, and 2 and 3 are known`));
  }
  const clusterBits = header.readUInt32BE(20);
  disk.require(
    clusterBits >= 9 && clusterBits <= 21,
    "its cluster size",
    `is 2^${clusterBits} bytes, which none has`,
  );
  const clusterBytes = 2 ** clusterBits;
  const first = await disk.read(0, Math.min(clusterBytes, disk.bytes), "its header");
  const features = version === 3 ? requireFeatures(disk, first, clusterBytes) : 0n;
  requireWholeByItself(disk, first, version === 3 ? first.readUInt32BE(100) : V2_HEADER);
  const layout = layoutOf(disk, first, version, features);
  await inspectQcow2Tables(disk, layout);
  return layout.virtualBytes;
}

function requireFeatures(disk: ForeignDisk, first: Buffer, clusterBytes: number): bigint {
  const { file } = disk;
  disk.requireInside(0, V3_HEADER, "its header");
  const features = first.readBigUInt64BE(72);
  const unknown = features & ~KNOWN;
  if (unknown !== 0n) {
    throw refusal(
      say.diskFileUnsupported(file, `uses features that aren't known (0x${unknown.toString(16)})`),
    );
  }
  if (features & DATA_FILE) throw refusal(say.diskFileReachesOutside(file, "a data file"));
  if (features & (DIRTY | CORRUPT))
    throw refusal(say.qcow2Unclean(file, features & CORRUPT ? "damaged" : "in use"));
  const headerBytes = first.readUInt32BE(100);
  const isLength = headerBytes >= V3_HEADER && headerBytes % 8 === 0;
  disk.require(isLength && headerBytes <= clusterBytes, "its header", `has a length of ${headerBytes} bytes`);
  disk.requireInside(0, headerBytes, "its header");
  const compression = headerBytes > V3_HEADER ? first[V3_HEADER]! : 0;
  disk.require(
    compression <= 1 && compression === Number((features & COMPRESSION) / COMPRESSION),
    "its compression type",
    `is ${compression}, which isn't known or isn't what its features say`,
  );
  disk.require(first.readUInt32BE(96) <= 6, "its refcount width", "is none that qcow2 has");
  disk.require(
    !(features & EXTENDED_L2) || clusterBytes >= 2 ** 14,
    "its cluster size",
    "is too small for subclusters",
  );
  return features;
}

function requireWholeByItself(disk: ForeignDisk, first: Buffer, headerBytes: number): void {
  const { file } = disk;
  const nameAt = Number(first.readBigUInt64BE(8));
  const nameBytes = first.readUInt32BE(16);
  if (nameAt !== 0 || nameBytes !== 0) {
    throw refusal(say.diskFileReachesOutside(file, "a backing file", text(first, nameAt, nameBytes)));
  }
  if (first.readUInt32BE(32) !== 0) throw refusal(say.diskFileEncrypted(file));
  const snapshots = first.readUInt32BE(60);
  if (snapshots !== 0) throw refusal(say.diskFileHoldsMore(file, `internal snapshots (${snapshots})`));
  for (let at = headerBytes; at + 8 <= first.length;) {
    const type = first.readUInt32BE(at);
    const length = first.readUInt32BE(at + 4);
    if (type === 0) return;
    disk.require(
      at + 8 + length <= first.length,
      "a header extension",
      "reaches beyond the header's cluster",
    );
    if (type === EXTENSION.dataFile) {
      throw refusal(say.diskFileReachesOutside(file, "a data file", text(first, at + 8, length)));
    }
    if (type === EXTENSION.encryption) throw refusal(say.diskFileEncrypted(file));
    if (type === EXTENSION.bitmaps) throw refusal(say.diskFileHoldsMore(file, "dirty bitmaps"));
    at += 8 + Math.ceil(length / 8) * 8;
  }
}

function layoutOf(disk: ForeignDisk, first: Buffer, version: number, features: bigint): Qcow2Layout {
  const clusterBits = first.readUInt32BE(20);
  const clusterBytes = 2 ** clusterBits;
  const virtualBytes = Number(first.readBigUInt64BE(24));
  disk.require(virtualBytes > 0 && virtualBytes % SECTOR === 0, "its disk", `has ${virtualBytes} bytes`);
  disk.requireDiskSize(virtualBytes);
  const hasSubclusters = (features & EXTENDED_L2) !== 0n;
  const l1Entries = first.readUInt32BE(36);
  const l2Entries = clusterBytes / (hasSubclusters ? 16 : 8);
  disk.require(
    l1Entries * 8 <= MAX_L1_BYTES && l1Entries >= Math.ceil(virtualBytes / clusterBytes / l2Entries),
    "its L1 table",
    `has ${l1Entries} entries, which is none for a disk of ${virtualBytes} bytes`,
  );
  const refcountBytes = first.readUInt32BE(56) * clusterBytes;
  disk.require(
    refcountBytes > 0 && refcountBytes <= MAX_REFCOUNT_BYTES,
    "its refcount table",
    `has ${refcountBytes} bytes`,
  );
  return {
    virtualBytes,
    clusterBits,
    hasSubclusters,
    hasZeroFlag: version === 3 && !hasSubclusters,
    l1: { offset: Number(first.readBigUInt64BE(40)), entries: l1Entries },
    refcounts: { offset: Number(first.readBigUInt64BE(48)), bytes: refcountBytes },
  };
}

function text(buffer: Buffer, offset: number, length: number): string {
  return buffer.subarray(Math.min(offset, buffer.length), offset + Math.min(length, 200)).toString("utf8");
}
