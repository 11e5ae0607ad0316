import * as say from "../../messages/disk-files";
import { refusal } from "./foreign-disk";
import type { ForeignDisk } from "./foreign-disk";
import { SECTOR } from "./signatures";

const MAGIC = "KDMV";
const HAS_LINE_CHECK = 1 << 0;
const HAS_SPARE_DIRECTORY = 1 << 1;
const HAS_ZERO_GRAINS = 1 << 2;
const IS_COMPRESSED = 1 << 16;
const HAS_MARKERS = 1 << 17;
const LINE_CHECK = "\n \r\n";
/** Instead of the directory's place: a footer at the end has it. */
const IN_FOOTER = 0xffffffffffffffffn;
const FOOTER_MARKER = 3;
const END_MARKER = 0;
const GRAIN_SECTORS = { min: 8, max: 4096 };
const MAX_DESCRIPTOR_SECTORS = 2048;

/** Places are in sectors. */
export interface VmdkHeader {
  sectors: number;
  grainSectors: number;
  descriptorSectors: number;
  directoryAt: number;
  spareDirectoryAt?: number;
  isCompressed: boolean;
  hasZeroGrains: boolean;
  hasFooter: boolean;
}

export async function readVmdkHeader(disk: ForeignDisk): Promise<VmdkHeader> {
  const { file, bytes } = disk;
  if (bytes % SECTOR !== 0) throw refusal(say.diskFileHasPartSector(file, bytes, SECTOR));
  const head = await disk.read(0, SECTOR, "its header");
  const hasFooter = head.readBigUInt64LE(56) === IN_FOOTER;
  const header = parse(disk, head);
  if (!hasFooter) return header;
  const end = await disk.read(disk.bytes - 3 * SECTOR, 3 * SECTOR, "its footer");
  const isMarked = marker(end, 0) === FOOTER_MARKER && marker(end, 2 * SECTOR) === END_MARKER;
  disk.require(isMarked, "its footer", "isn't at its end: it may be cut off");
  const footer = parse(disk, end.subarray(SECTOR, 2 * SECTOR));
  // Readers take the one or the other: but for the directory's place, both say the same.
  disk.require(facts(header) === facts(footer), "its footer", "isn't what its header is");
  return { ...footer, hasFooter };
}

function parse(disk: ForeignDisk, bytes: Buffer): VmdkHeader {
  disk.require(bytes.toString("latin1", 0, 4) === MAGIC, "its header", "doesn't begin as one does");
  const version = bytes.readUInt32LE(4);
  disk.require(version >= 1 && version <= 3, "its header", `is of version ${version}, which isn't known`);
  const flags = bytes.readUInt32LE(8);
  const isText = !(flags & HAS_LINE_CHECK) || bytes.toString("latin1", 73, 77) === LINE_CHECK;
  disk.require(isText, "its header", "was changed on its way as if it were text");
  const sectors = Number(bytes.readBigUInt64LE(12));
  if (sectors === 0) throw refusal(say.diskFileReachesOutside(disk.file, "extents in other files"));
  disk.requireDiskSize(sectors * SECTOR);
  const grainSectors = Number(bytes.readBigUInt64LE(20));
  const { min, max } = GRAIN_SECTORS;
  const isGrain = grainSectors >= min && grainSectors <= max && Number.isInteger(Math.log2(grainSectors));
  disk.require(isGrain, "its grain size", `is ${grainSectors} sectors, which none has`);
  disk.require(bytes.readUInt32LE(44) === 512, "its grain tables", "have another length than any has");
  const descriptorSectors = Number(bytes.readBigUInt64LE(36));
  const isDescriptor = Number(bytes.readBigUInt64LE(28)) === 1 && descriptorSectors >= 1;
  disk.require(
    isDescriptor && descriptorSectors <= MAX_DESCRIPTOR_SECTORS,
    "its descriptor",
    "isn't where it belongs",
  );
  disk.requireInside(Number(bytes.readBigUInt64LE(64)) * SECTOR, 0, "its first grain");
  const compression = bytes.readUInt16LE(77);
  const isKnown = compression === 0 ? !(flags & (IS_COMPRESSED | HAS_MARKERS)) : compression === 1;
  const hasBoth = (flags & IS_COMPRESSED) !== 0 && (flags & HAS_MARKERS) !== 0;
  disk.require(
    isKnown && (compression === 0 || hasBoth),
    "its compression",
    "isn't known or isn't what its flags say",
  );
  const spareAt = Number(bytes.readBigUInt64LE(48));
  return {
    sectors,
    grainSectors,
    descriptorSectors,
    directoryAt: Number(bytes.readBigUInt64LE(56)),
    spareDirectoryAt: flags & HAS_SPARE_DIRECTORY && spareAt !== 0 ? spareAt : undefined,
    isCompressed: compression === 1,
    hasZeroGrains: (flags & HAS_ZERO_GRAINS) !== 0,
    hasFooter: false,
  };
}

function facts({ directoryAt: _at, spareDirectoryAt: _spareAt, ...facts }: VmdkHeader): string {
  return JSON.stringify(facts);
}

/** Type of the marker in a sector; none where it is a grain's. */
function marker(bytes: Buffer, at: number): number | undefined {
  return bytes.readUInt32LE(at + 8) === 0 ? bytes.readUInt32LE(at + 12) : undefined;
}
