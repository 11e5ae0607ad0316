import { expect } from "chai";
import { inspectForeignFile } from "../../../../../provider/engine/disks/foreign/inspect";
import { mendVhdxSum, VHDX_HEADERS as HEADERS, VHDX_REGION_TABLES as TABLES } from "./checksums";
import { DISK_BYTES, ForeignFiles, hasQemuImg, MIB, qemuImg, refuseBadFiles, refusal } from "./foreign-files";

const KIB = 2 ** 10;
const BAT = Buffer.from("6677c22d23f600429d64115e9bfd4a08", "hex");
const METADATA = Buffer.from("06a27c8b90479a4bb8fe575f050f886e", "hex");
const PARAMETERS = Buffer.from("3767a1ca36fa434db3b633f0aa44e76b", "hex");
const SIZE = Buffer.from("2442a52f1bcd7648b2115dbed83bf4b8", "hex");
const SECTOR = Buffer.from("1dbf41816fa90947ba47f233a8faab5f", "hex");
const PARENT_LOCATOR = Buffer.from("2d5fd3a80bb34d45abf7d3d84834ab0c", "hex");

/** Changes each of two copies, with their checksums. */
function both(places: number[], length: number, change: (part: Buffer) => void) {
  return (bytes: Buffer) => {
    for (const at of places) {
      const part = bytes.subarray(at, at + length);
      change(part);
      mendVhdxSum(part);
    }
  };
}
const headers = (change: (part: Buffer) => void) => both(HEADERS, 4 * KIB, change);
const regions = (change: (part: Buffer) => void) => both(TABLES, 64 * KIB, change);
/** Where the table's entry of a region lies. */
const entry = (table: Buffer, id: Buffer) => table.indexOf(id);
const regionAt = (bytes: Buffer, id: Buffer) => {
  const table = bytes.subarray(TABLES[0]!, TABLES[0]! + 64 * KIB);
  return Number(table.readBigUInt64LE(entry(table, id) + 16));
};
const batAt = (bytes: Buffer) => regionAt(bytes, BAT);
const metadata = (bytes: Buffer) => bytes.subarray(regionAt(bytes, METADATA));
/** Changes what the metadata says under an ID. */
const item = (id: Buffer, change: (value: Buffer) => void) => (bytes: Buffer) => {
  const region = metadata(bytes);
  change(region.subarray(region.readUInt32LE(region.indexOf(id) + 16)));
};

(hasQemuImg ? describe : describe.skip)("the judge of VHDX files", () => {
  let files: ForeignFiles;
  before(async () => {
    files = await ForeignFiles.make();
    await files.good("good.vhdx", "vhdx", "-o", "block_size=1M");
  });
  after(() => files.remove());

  for (const options of [
    "block_size=1M",
    "block_size=16M",
    "subformat=fixed",
    "block_state_zero=off",
    "log_size=4M",
  ]) {
    it(`takes those that qemu-img writes with ${options}`, async () => {
      const path = await files.good(`good-${options}.vhdx`, "vhdx", "-o", options);
      const found = await inspectForeignFile({ path, format: "vhdx", property: "imageFile" });
      expect(found.virtualBytes).to.equal(DISK_BYTES);
    });
  }

  it("takes empty disks of any size that a disk may have", async () => {
    const path = files.path("empty.vhdx");
    await qemuImg("create", "-q", "-f", "vhdx", path, "16000G");
    const found = await inspectForeignFile({ path, format: "vhdx", property: "imageFile" });
    expect(found.virtualBytes).to.equal(16_000 * 2 ** 30);
    await qemuImg("create", "-q", "-f", "vhdx", path, "16001G");
    expect(await refusal(path, "vhdx")).to.match(/a disk has at most 16000 GiB/);
  });

  refuseBadFiles(() => files, "vhdx", "good.vhdx", [
    [
      "headers that don't match their checksums",
      (b) => HEADERS.forEach((at) => (b[at + 50]! ^= 1)),
      /its header doesn't match its checksum/,
    ],
    ["headers of a version that isn't known", headers((h) => void h.writeUInt16LE(2, 66)), /its header/],
    [
      "two headers of one age",
      (b) => {
        headers((h) => void h.writeBigUInt64LE(9n, 8))(b);
        both([HEADERS[0]!], 4 * KIB, (h) => void (h[20]! ^= 1))(b);
      },
      /two versions, neither the later one/,
    ],
    [
      "a log that must be replayed",
      headers((h) => h.fill(7, 48, 64)),
      /wasn't closed in order: its log holds changes/,
    ],
    [
      "a log of a version that isn't known",
      headers((h) => void h.writeUInt16LE(1, 64)),
      /its log is of a version/,
    ],
    [
      "a log beyond the end",
      headers((h) => void h.writeBigUInt64LE(1n << 40n, 72)),
      /its log lies beyond its end/,
    ],
    ["a log on the headers", headers((h) => void h.writeBigUInt64LE(0n, 72)), /lies on/],
    [
      "a log between whole MiB",
      headers((h) => void h.writeUInt32LE(5000, 68)),
      /its log doesn't lie in whole MiB/,
    ],
    [
      "a region table that doesn't match its checksum",
      (b) => void (b[TABLES[0]! + 40]! ^= 1),
      /its region table doesn't match its checksum/,
    ],
    [
      "a region table that isn't what its copy is",
      (b) => void (b[TABLES[1]! + 40]! ^= 1),
      /isn't what its copy is/,
    ],
    [
      "a region table of 4 billion entries",
      regions((t) => void t.writeUInt32LE(2 ** 32 - 1, 8)),
      /has 4294967295/,
    ],
    [
      "a region that isn't known",
      regions((t) => t.fill(9, entry(t, BAT), entry(t, BAT) + 16)),
      /isn't known/,
    ],
    ["a region table without metadata", regions((t) => void t.writeUInt32LE(1, 8)), /lacks a region/],
    [
      "a region named twice",
      regions((t) => void t.copy(t, 48, 16, 48)),
      /names its (metadata|block table) twice/,
    ],
    [
      "regions in one place",
      regions((t) => void t.copy(t, entry(t, BAT) + 16, entry(t, METADATA) + 16, entry(t, METADATA) + 24)),
      /lies on its (metadata|block table)/,
    ],
    [
      "a region beyond the end",
      regions((t) => void t.writeBigUInt64LE(1n << 40n, entry(t, METADATA) + 16)),
      /its metadata lies beyond its end/,
    ],
    [
      "metadata that don't begin as they do",
      (b) => void metadata(b).write("x"),
      /its metadata doesn't begin/,
    ],
    [
      "metadata of 65535 items",
      (b) => void metadata(b).writeUInt16LE(65535, 10),
      /its metadata doesn't begin/,
    ],
    ["metadata without an item", (b) => void metadata(b).writeUInt16LE(3, 10), /its metadata lacks an item/],
    [
      "an item of the metadata outside them",
      (b) => void metadata(b).writeUInt32LE(2 ** 31, metadata(b).indexOf(SIZE) + 16),
      /has an item that lies outside it/,
    ],
    [
      "a required item that isn't known",
      (b) => void metadata(b).fill(9, metadata(b).indexOf(SIZE), metadata(b).indexOf(SIZE) + 16),
      /has an item that isn't known/,
    ],
    [
      "an item stated twice",
      (b) => {
        const region = metadata(b);
        region.copy(
          region,
          region.indexOf(SIZE),
          region.indexOf(PARAMETERS),
          region.indexOf(PARAMETERS) + 32,
        );
      },
      /has an item twice/,
    ],
    ["a disk that says it has a parent", item(PARAMETERS, (v) => void (v[4]! |= 2)), /it has a parent disk/],
    [
      "a parent locator",
      (b) => void PARENT_LOCATOR.copy(metadata(b), metadata(b).indexOf(PARAMETERS)),
      /it has a parent disk/,
    ],
    [
      "blocks of 512 KiB",
      item(PARAMETERS, (v) => void v.writeUInt32LE(2 ** 19)),
      /its block size is 524288 bytes/,
    ],
    ["blocks of 3 MiB", item(PARAMETERS, (v) => void v.writeUInt32LE(3 * MIB)), /its block size is/],
    ["blocks of 2 GiB", item(PARAMETERS, (v) => void v.writeUInt32LE(2 ** 31)), /its block size is/],
    ["sectors of 1024 bytes", item(SECTOR, (v) => void v.writeUInt32LE(1024)), /its sector size is 1024/],
    ["a disk of no bytes", item(SIZE, (v) => void v.writeBigUInt64LE(0n)), /its disk has 0 bytes/],
    [
      "a disk of part of a sector",
      item(SIZE, (v) => void v.writeBigUInt64LE(1000n)),
      /its disk has 1000 bytes/,
    ],
    ["a disk of 2^63 bytes", item(SIZE, (v) => void v.writeBigUInt64LE(1n << 63n)), /at most 16000 GiB/],
    [
      "a table too short for the disk",
      item(SIZE, (v) => void v.writeBigUInt64LE(1n << 43n)),
      /has no room for/,
    ],
    [
      "a block beyond the end",
      (b) => void b.writeUInt32LE(2 ** 31, batAt(b) + 4),
      /a block of the disk lies beyond/,
    ],
    [
      "a block on the header section",
      (b) => void b.writeBigUInt64LE(6n, batAt(b)),
      /lies on its header section/,
    ],
    [
      "a block on the block table",
      (b) => void b.writeBigUInt64LE(BigInt(batAt(b)) + 6n, batAt(b)),
      /a block of the disk lies on its block table/,
    ],
    [
      "two blocks in one place",
      (b) => void b.copy(b, batAt(b) + 8, batAt(b), batAt(b) + 8),
      /lies on another/,
    ],
    ["a block whose rest is in a parent", (b) => void (b[batAt(b)]! |= 7), /it has a parent disk/],
    ["a block in a state that isn't known", (b) => void b.writeBigUInt64LE(4n, batAt(b)), /isn't understood/],
    ["bits of the block table that aren't known", (b) => void (b[batAt(b)]! |= 8), /isn't understood/],
    ["a file that is cut off in its blocks", (b) => b.subarray(0, b.length - MIB), /is cut off or damaged/],
    ["a file that is cut off in its headers", (b) => b.subarray(0, 100 * KIB), /is cut off or damaged/],
    ["a file that is cut off behind its signature", (b) => b.subarray(0, 8), /is cut off or damaged/],
  ]);
});
