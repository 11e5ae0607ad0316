import * as say from "../../messages/disk-files";
import { Blocks } from "./bounds";
import { refusal } from "./foreign-disk";
import type { ForeignDisk } from "./foreign-disk";
import { SECTOR } from "./signatures";

const COOKIE = "conectix";
const DYNAMIC_COOKIE = "cxsparse";
const FIXED = 2;
const DYNAMIC = 3;
const DIFFERENCING = 4;
const VERSION = 0x10000;
const DYNAMIC_HEADER = 1024;
const UNALLOCATED = 0xffffffff;
const MAX_BYTES = 2040 * 2 ** 30;
const BLOCK = { min: 2 ** 16, max: 2 ** 28 };

interface Footer {
  bytes: Buffer;
  type: number;
  virtualBytes: number;
  headerAt: number;
}

/** Fixed and dynamic disks; a differencing one isn't whole by itself. */
export async function inspectVhd(disk: ForeignDisk): Promise<number> {
  const { file, bytes } = disk;
  if (bytes % SECTOR !== 0) throw refusal(say.diskFileHasPartSector(file, bytes, SECTOR));
  const footer = readFooter(disk, await disk.read(bytes - SECTOR, SECTOR, "its footer"));
  const head = await disk.read(0, SECTOR, "its header");
  const isHeaded = head.toString("latin1", 0, 8) === COOKIE;
  if (footer.type === FIXED) {
    // Readers that look at the begin first would take such a disk for a dynamic one.
    disk.require(!isHeaded, "its footer", "says that the disk is fixed, and its begin says that it isn't");
    disk.require(
      footer.virtualBytes + SECTOR === bytes,
      "its footer",
      `says ${footer.virtualBytes} bytes of disk`,
    );
    return footer.virtualBytes;
  }
  disk.require(isHeaded && head.equals(footer.bytes), "its header", "isn't what its footer is");
  await inspectDynamic(disk, footer);
  return footer.virtualBytes;
}

function readFooter(disk: ForeignDisk, bytes: Buffer): Footer {
  disk.require(
    bytes.toString("latin1", 0, 8) === COOKIE,
    "its footer",
    "isn't at its end: it may be cut off",
  );
  disk.require(bytes.readUInt32BE(64) === checksum(bytes, 64), "its footer", "doesn't match its checksum");
  disk.require(bytes.readUInt32BE(12) === VERSION, "its footer", "is of a version that isn't known");
  const type = bytes.readUInt32BE(60);
  disk.require(
    [FIXED, DYNAMIC, DIFFERENCING].includes(type),
    "its footer",
    `says type ${type}, which isn't known`,
  );
  const virtualBytes = Number(bytes.readBigUInt64BE(48));
  disk.requireDiskSize(virtualBytes);
  const isSize = virtualBytes > 0 && virtualBytes <= MAX_BYTES && virtualBytes % SECTOR === 0;
  disk.require(isSize, "its disk", `has ${virtualBytes} bytes, which none has`);
  return { bytes, type, virtualBytes, headerAt: Number(bytes.readBigUInt64BE(16)) };
}

async function inspectDynamic(disk: ForeignDisk, footer: Footer): Promise<void> {
  const header = await disk.read(footer.headerAt, DYNAMIC_HEADER, "its dynamic header");
  const isHeader = footer.headerAt % SECTOR === 0 && header.toString("latin1", 0, 8) === DYNAMIC_COOKIE;
  disk.require(isHeader, "its dynamic header", "isn't where its footer says");
  disk.require(
    header.readUInt32BE(36) === checksum(header, 36),
    "its dynamic header",
    "doesn't match its checksum",
  );
  disk.require(header.readUInt32BE(24) === VERSION, "its dynamic header", "is of a version that isn't known");
  requireNoParent(disk, footer, header);
  const blockBytes = header.readUInt32BE(32);
  const isBlock =
    blockBytes >= BLOCK.min && blockBytes <= BLOCK.max && Number.isInteger(Math.log2(blockBytes));
  disk.require(isBlock, "its block size", `is ${blockBytes} bytes, which none has`);
  const entries = header.readUInt32BE(28);
  const isEntries =
    entries * blockBytes >= footer.virtualBytes && entries * blockBytes <= MAX_BYTES + blockBytes;
  disk.require(isEntries, "its block table", `has ${entries} entries, which is none for its disk`);
  const tableAt = Number(header.readBigUInt64BE(16));
  disk.require(tableAt % SECTOR === 0, "its block table", "doesn't begin with a sector");
  const bitmapBytes = Math.ceil(blockBytes / SECTOR / 8 / SECTOR) * SECTOR;
  const blocks = new Blocks(disk, "a block of the disk", SECTOR, bitmapBytes + blockBytes);
  for await (const table of disk.pieces(tableAt, entries * 4, "its block table")) {
    for (let at = 0; at < table.length; at += 4) {
      const sector = table.readUInt32BE(at);
      if (sector !== UNALLOCATED) blocks.add(sector);
    }
  }
  blocks.requireDisjoint([
    { name: "its header", offset: 0, length: SECTOR },
    { name: "its dynamic header", offset: footer.headerAt, length: DYNAMIC_HEADER },
    { name: "its block table", offset: tableAt, length: entries * 4 },
    { name: "its footer", offset: disk.bytes - SECTOR, length: SECTOR },
  ]);
}

function requireNoParent(disk: ForeignDisk, footer: Footer, header: Buffer): void {
  let hasParent = footer.type === DIFFERENCING;
  for (let at = 576; at < 576 + 8 * 24; at += 24) hasParent ||= header.readUInt32BE(at) !== 0;
  if (!hasParent) return;
  const name = Buffer.from(header.subarray(64, 576)).swap16().toString("utf16le").replace(/\0.*$/s, "");
  throw refusal(say.diskFileReachesOutside(disk.file, "a parent disk", name));
}

/** Of all bytes but the checksum's own. */
function checksum(bytes: Buffer, at: number): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i++) if (i < at || i >= at + 4) sum += bytes[i]!;
  return ~sum >>> 0;
}
