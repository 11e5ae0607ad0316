import * as say from "../../messages/disk-files";
import { Blocks, requireDisjoint } from "./bounds";
import type { Part } from "./bounds";
import { crc32c } from "./crc32c";
import { refusal } from "./foreign-disk";
import type { ForeignDisk } from "./foreign-disk";
import { readVhdxMetadata } from "./vhdx-metadata";
import type { VhdxDisk } from "./vhdx-metadata";

const KIB = 2 ** 10;
const MIB = 2 ** 20;
const HEADERS = [64 * KIB, 128 * KIB];
const HEADER_BYTES = 4 * KIB;
const REGION_TABLES = [192 * KIB, 256 * KIB];
const REGION_TABLE_BYTES = 64 * KIB;
const MAX_REGIONS = 2047;
const BAT = "6677c22d23f600429d64115e9bfd4a08";
const METADATA = "06a27c8b90479a4bb8fe575f050f886e";
const ZERO_GUID = "0".repeat(32);
/** States of a block: 0 to 3 hold nothing (and 5 did in a draft), 7 has its rest in a parent. */
const PRESENT = 6;
const PARTLY_PRESENT = 7;
const CHUNK_SECTORS = 2 ** 23;

/** Disks closed in order, with no parent. */
export async function inspectVhdx(disk: ForeignDisk): Promise<number> {
  const log = await readLogPart(disk);
  const regions = await readRegions(disk);
  const parts = [{ name: "its header section", offset: 0, length: MIB }, log, ...regions.all];
  requireDisjoint(disk, parts);
  const found = await readVhdxMetadata(disk, regions.metadata);
  await inspectBlocks(disk, found, regions.bat, parts);
  return found.virtualBytes;
}

/** Two headers: the sound one that was written last counts. */
async function readLogPart(disk: ForeignDisk): Promise<Part> {
  const sound: Buffer[] = [];
  for (const offset of HEADERS) {
    const header = await disk.read(offset, HEADER_BYTES, "its header");
    const isSound =
      header.toString("latin1", 0, 4) === "head" && header.readUInt32LE(4) === crc32c(header, 4);
    if (isSound && header.readUInt16LE(66) === 1) sound.push(header);
  }
  const [current, other] = sound.sort((a, b) => Number(b.readBigUInt64LE(8) - a.readBigUInt64LE(8)));
  if (!current) throw refusal(say.diskFilePartUnsound(disk.file, "its header", "doesn't match its checksum"));
  const isOne = !other || current.readBigUInt64LE(8) !== other.readBigUInt64LE(8) || current.equals(other);
  disk.require(isOne, "its header", "has two versions, neither the later one");
  if (current.toString("hex", 48, 64) !== ZERO_GUID) throw refusal(say.vhdxHasLog(disk.file));
  disk.require(current.readUInt16LE(64) === 0, "its log", "is of a version that isn't known");
  return region(disk, "its log", Number(current.readBigUInt64LE(72)), current.readUInt32LE(68));
}

async function readRegions(disk: ForeignDisk): Promise<{ all: Part[]; bat: Part; metadata: Part }> {
  const [table, copy] = await Promise.all(
    REGION_TABLES.map((offset) => disk.read(offset, REGION_TABLE_BYTES, "its region table")),
  );
  const isSound = table!.toString("latin1", 0, 4) === "regi" && table!.readUInt32LE(4) === crc32c(table!, 4);
  disk.require(isSound, "its region table", "doesn't match its checksum");
  disk.require(table!.equals(copy!), "its region table", "isn't what its copy is");
  const count = table!.readUInt32LE(8);
  disk.require(count <= MAX_REGIONS, "its region table", `has ${count} entries`);
  const found = new Map<string, Part>();
  for (let at = 16; at < 16 + count * 32; at += 32) {
    const id = table!.toString("hex", at, at + 16);
    const name = id === BAT ? "its block table" : id === METADATA ? "its metadata" : undefined;
    // What isn't known may be left alone where it says so; nothing writes such a region.
    disk.require(name !== undefined, "its region table", "names a region that isn't known");
    disk.require(!found.has(id), "its region table", `names ${name} twice`);
    found.set(id, region(disk, name!, Number(table!.readBigUInt64LE(at + 16)), table!.readUInt32LE(at + 24)));
  }
  const [bat, metadata] = [found.get(BAT), found.get(METADATA)];
  disk.require(bat !== undefined && metadata !== undefined, "its region table", "lacks a region");
  return { all: [...found.values()], bat: bat!, metadata: metadata! };
}

function region(disk: ForeignDisk, name: string, offset: number, length: number): Part {
  disk.require(offset % MIB === 0 && length % MIB === 0, name, "doesn't lie in whole MiB");
  return { name, offset, length };
}

async function inspectBlocks(disk: ForeignDisk, found: VhdxDisk, bat: Part, parts: Part[]): Promise<void> {
  const { virtualBytes, blockBytes } = found;
  const perChunk = (CHUNK_SECTORS * found.sectorBytes) / blockBytes;
  const count = Math.ceil(virtualBytes / blockBytes);
  const entries = count + Math.floor((count - 1) / perChunk);
  disk.require(entries * 8 <= bat.length, "its block table", `has no room for ${entries} entries`);
  const blocks = new Blocks(disk, "a block of the disk", MIB, blockBytes);
  let index = 0;
  for await (const table of disk.pieces(bat.offset, entries * 8, bat.name)) {
    for (let at = 0; at < table.length; at += 8, index++) {
      const low = table.readUInt32LE(at);
      const state = low & 7;
      const isBitmap = index % (perChunk + 1) === perChunk;
      if (state === PARTLY_PRESENT || (isBitmap && state !== 0)) {
        throw refusal(say.diskFileReachesOutside(disk.file, "a parent disk"));
      }
      disk.require(
        state <= 3 || state === 5 || state === PRESENT,
        bat.name,
        "has an entry that isn't understood",
      );
      disk.require((low & 0xffff8) === 0, bat.name, "has an entry that isn't understood");
      if (state === PRESENT) blocks.add(table.readUInt32LE(at + 4) * 2 ** 12 + (low >>> 20));
    }
  }
  blocks.requireDisjoint(parts);
}
