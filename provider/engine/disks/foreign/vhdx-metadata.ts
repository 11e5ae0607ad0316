import * as say from "../../messages/disk-files";
import type { Part } from "./bounds";
import { refusal } from "./foreign-disk";
import type { ForeignDisk } from "./foreign-disk";

const TABLE_BYTES = 2 ** 16;
const MAX_ITEMS = 1023;
const BLOCK = { min: 2 ** 20, max: 2 ** 28 };
const HAS_PARENT = 2;
const IS_REQUIRED = 4;

/** Items by their GUIDs, as they lie in the file. */
const ITEMS = {
  "3767a1ca36fa434db3b633f0aa44e76b": { name: "parameters", length: 8 },
  "2442a52f1bcd7648b2115dbed83bf4b8": { name: "size", length: 8 },
  ab12cabee6b2234593efc309e000c746: { name: "id", length: 16 },
  "1dbf41816fa90947ba47f233a8faab5f": { name: "sector", length: 4 },
  c748a3cd5d4471449cc9e9885251c556: { name: "physicalSector", length: 4 },
} as Record<string, { name: string; length: number } | undefined>;
const PARENT_LOCATOR = "2d5fd3a80bb34d45abf7d3d84834ab0c";

export interface VhdxDisk {
  virtualBytes: number;
  blockBytes: number;
  sectorBytes: number;
}

/** What the metadata region says of the disk; refuses one that has a parent. */
export async function readVhdxMetadata(disk: ForeignDisk, region: Part): Promise<VhdxDisk> {
  const items = await readItems(disk, region);
  const parameters = items.get("parameters")!;
  if (parameters.readUInt32LE(4) & HAS_PARENT) throw parentRefusal(disk);
  const blockBytes = parameters.readUInt32LE(0);
  const isBlock =
    blockBytes >= BLOCK.min && blockBytes <= BLOCK.max && Number.isInteger(Math.log2(blockBytes));
  disk.require(isBlock, "its block size", `is ${blockBytes} bytes, which none has`);
  for (const name of ["sector", "physicalSector"]) {
    const bytes = items.get(name)!.readUInt32LE(0);
    disk.require(bytes === 512 || bytes === 4096, "its sector size", `is ${bytes} bytes, which none has`);
  }
  const sectorBytes = items.get("sector")!.readUInt32LE(0);
  const virtualBytes = Number(items.get("size")!.readBigUInt64LE(0));
  disk.requireDiskSize(virtualBytes);
  disk.require(virtualBytes > 0 && virtualBytes % sectorBytes === 0, "its disk", `has ${virtualBytes} bytes`);
  return { virtualBytes, blockBytes, sectorBytes };
}

async function readItems(disk: ForeignDisk, region: Part): Promise<Map<string, Buffer>> {
  disk.require(region.length >= TABLE_BYTES, region.name, "is too short");
  const table = await disk.read(region.offset, TABLE_BYTES, region.name);
  const count = table.readUInt16LE(10);
  const isTable = table.toString("latin1", 0, 8) === "metadata" && count <= MAX_ITEMS;
  disk.require(isTable, region.name, "doesn't begin as it does");
  const found = new Map<string, Buffer>();
  for (let at = 32; at < 32 + count * 32; at += 32) {
    const id = table.toString("hex", at, at + 16);
    if (id === PARENT_LOCATOR) throw parentRefusal(disk);
    const item = ITEMS[id];
    if (!item) {
      disk.require(!(table.readUInt32LE(at + 24) & IS_REQUIRED), region.name, "has an item that isn't known");
      continue;
    }
    const offset = table.readUInt32LE(at + 16);
    const length = table.readUInt32LE(at + 20);
    const isInside = offset >= TABLE_BYTES && offset + length <= region.length;
    disk.require(isInside && length === item.length, region.name, "has an item that lies outside it");
    disk.require(!found.has(item.name), region.name, "has an item twice");
    found.set(item.name, await disk.read(region.offset + offset, length, region.name));
  }
  disk.require(found.size === Object.keys(ITEMS).length, region.name, "lacks an item");
  return found;
}

function parentRefusal(disk: ForeignDisk): Error {
  return refusal(say.diskFileReachesOutside(disk.file, "a parent disk"));
}
