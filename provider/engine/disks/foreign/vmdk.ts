import * as say from "../../messages/disk-files";
import { Blocks, requireDisjoint } from "./bounds";
import type { Part } from "./bounds";
import { refusal } from "./foreign-disk";
import type { ForeignDisk } from "./foreign-disk";
import { SECTOR } from "./signatures";
import { inspectVmdkDescriptor } from "./vmdk-descriptor";
import { readVmdkHeader } from "./vmdk-header";
import type { VmdkHeader } from "./vmdk-header";

const TABLE_ENTRIES = 512;
const TABLE_BYTES = TABLE_ENTRIES * 4;
/** Tables that are walked in seconds: 8 TiB of grains of the usual size. */
const MAX_TABLES = 2 ** 18;
/** Stands for a grain of zeros, where the header says so. */
const ZERO_GRAIN = 1;
/** A compressed grain begins with its place and length. */
const MARKER_BYTES = 12;

/** Sparse disks that are one file: what is called monolithicSparse and streamOptimized. */
export async function inspectVmdk(disk: ForeignDisk): Promise<number> {
  const header = await readVmdkHeader(disk);
  await inspectVmdkDescriptor(disk, header);
  const parts: Part[] = [
    { name: "its header", offset: 0, length: SECTOR },
    { name: "its descriptor", offset: SECTOR, length: header.descriptorSectors * SECTOR },
  ];
  if (header.hasFooter)
    parts.push({ name: "its footer", offset: disk.bytes - 3 * SECTOR, length: 3 * SECTOR });
  const tables = await readDirectory(disk, header, header.directoryAt, parts);
  if (header.spareDirectoryAt !== undefined)
    await readDirectory(disk, header, header.spareDirectoryAt, parts);
  requireDisjoint(disk, parts);
  await inspectGrains(disk, header, tables, parts);
  return header.sectors * SECTOR;
}

/** Where the grain tables begin, in sectors; adds them to the parts of the file. */
async function readDirectory(
  disk: ForeignDisk,
  header: VmdkHeader,
  sector: number,
  parts: Part[],
): Promise<Uint32Array> {
  const count = Math.ceil(header.sectors / (header.grainSectors * TABLE_ENTRIES));
  if (count > MAX_TABLES) throw refusal(say.diskFileHasTooMuch(disk.file, "tables"));
  const directory = { name: "its grain directory", offset: sector * SECTOR, length: count * 4 };
  const bytes = await disk.read(directory.offset, directory.length, directory.name);
  const tables = Uint32Array.from({ length: count }, (_, i) => bytes.readUInt32LE(i * 4));
  parts.push(directory);
  for (const table of tables) {
    if (table !== 0) parts.push({ name: "a grain table", offset: table * SECTOR, length: TABLE_BYTES });
  }
  return tables;
}

async function inspectGrains(
  disk: ForeignDisk,
  header: VmdkHeader,
  tables: Uint32Array,
  parts: readonly Part[],
): Promise<void> {
  const { grainSectors, isCompressed, hasZeroGrains } = header;
  // How long a compressed grain is stands only in itself, and readers bound it: none begins where another does.
  const grains = new Blocks(disk, "a grain", SECTOR, isCompressed ? SECTOR : grainSectors * SECTOR);
  for (const [index, table] of tables.entries()) {
    if (table === 0) continue;
    const entries = await disk.read(table * SECTOR, TABLE_BYTES, "a grain table");
    for (let i = 0; i < TABLE_ENTRIES; i++) {
      const sector = entries.readUInt32LE(i * 4);
      if (sector === 0 || (sector === ZERO_GRAIN && hasZeroGrains)) continue;
      const left = header.sectors - (index * TABLE_ENTRIES + i) * grainSectors;
      disk.require(left > 0, "a grain table", "has an entry beyond the disk's end");
      grains.add(sector, isCompressed ? MARKER_BYTES : Math.min(grainSectors, left) * SECTOR);
    }
  }
  grains.requireDisjoint(parts);
}
