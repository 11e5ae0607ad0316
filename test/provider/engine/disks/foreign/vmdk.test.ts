import { expect } from "chai";
import { inspectForeignFile } from "../../../../../provider/engine/disks/foreign/inspect";
import { DISK_BYTES, ForeignFiles, hasQemuImg, qemuImg, refuseBadFiles, refusal } from "./foreign-files";

const SECTOR = 512;
const put64 = (bytes: Buffer, at: number, value: number | bigint) =>
  bytes.writeBigUInt64LE(BigInt(value), at);
const descriptorEnd = (bytes: Buffer) => SECTOR + Number(bytes.readBigUInt64LE(36)) * SECTOR;
const directoryAt = (bytes: Buffer) => Number(bytes.readBigUInt64LE(56)) * SECTOR;
const spareAt = (bytes: Buffer) => Number(bytes.readBigUInt64LE(48)) * SECTOR;
const tableAt = (bytes: Buffer) => bytes.readUInt32LE(directoryAt(bytes)) * SECTOR;

/** Rewrites the text inside the file. */
function descriptor(change: (text: string) => string) {
  return (bytes: Buffer) => {
    const end = descriptorEnd(bytes);
    const text = change(bytes.toString("utf8", SECTOR, end).replace(/\0.*$/s, ""));
    bytes.fill(0, SECTOR, end);
    bytes.write(text, SECTOR);
  };
}
const replaced = (from: string | RegExp, to: string) => descriptor((text) => text.replace(from, to));

/** Puts the directory's place into a footer, as what is written in one go has it. */
function footed(change: (footer: Buffer) => void = () => undefined) {
  return (bytes: Buffer) => {
    const end = Buffer.alloc(3 * SECTOR);
    end.writeUInt32LE(3, 12);
    bytes.copy(end, SECTOR, 0, SECTOR);
    change(end.subarray(SECTOR, 2 * SECTOR));
    put64(bytes, 56, 0xffffffffffffffffn);
    return Buffer.concat([bytes, end]);
  };
}

(hasQemuImg ? describe : describe.skip)("the judge of VMDK files", () => {
  let files: ForeignFiles;
  before(async () => {
    files = await ForeignFiles.make();
    await files.good("sparse.vmdk", "vmdk");
    await files.good("stream.vmdk", "vmdk", "-o", "subformat=streamOptimized");
    await files.good("zeros.vmdk", "vmdk", "-o", "zeroed_grain=on");
  });
  after(() => files.remove());

  for (const [what, name] of [
    ["a sparse disk in one file", "sparse.vmdk"],
    ["a stream of compressed grains", "stream.vmdk"],
    ["a disk with grains of zeros", "zeros.vmdk"],
  ] as const) {
    it(`takes ${what}`, async () => {
      const found = await inspectForeignFile({
        path: files.path(name),
        format: "vmdk",
        property: "imageFile",
      });
      expect(found.virtualBytes).to.equal(DISK_BYTES);
    });
  }

  it("takes a disk that was renamed", async () => {
    const path = await files.changed("sparse.vmdk", "renamed.vmdk", () => undefined);
    await inspectForeignFile({ path, format: "vmdk", property: "imageFile" });
  });

  it("takes a directory that a footer places", async () => {
    const path = await files.changed("stream.vmdk", "footed.vmdk", footed());
    const found = await inspectForeignFile({ path, format: "vmdk", property: "imageFile" });
    expect(found.virtualBytes).to.equal(DISK_BYTES);
  });

  for (const subformat of ["monolithicFlat", "twoGbMaxExtentSparse", "twoGbMaxExtentFlat"]) {
    it(`refuses ${subformat}, whose disk is in other files, and opens none of them`, async () => {
      const path = await files.good(`${subformat}.vmdk`, "vmdk", "-o", `subformat=${subformat}`);
      expect(await refusal(path, "vmdk")).to.match(/a VMDK descriptor \(the disk itself is in other files\)/);
    });
  }

  it("refuses a parent disk, by name, and doesn't open it", async () => {
    const path = files.path("child.vmdk");
    await qemuImg("create", "-q", "-f", "vmdk", "-b", files.path("sparse.vmdk"), "-F", "vmdk", path);
    expect(await refusal(path, "vmdk")).to.match(/it has a parent disk \(".*sparse\.vmdk"\)/);
  });

  refuseBadFiles(() => files, "vmdk", "sparse.vmdk", [
    ["a version that isn't known", (b) => void b.writeUInt32LE(4, 4), /its header is of version 4/],
    ["a file that was sent as text", (b) => void b.write("\n\n  ", 73), /as if it were text/],
    [
      "a disk that is all in extents elsewhere",
      (b) => put64(b, 12, 0) && undefined,
      /extents in other files/,
    ],
    ["a disk of 2^63 bytes", (b) => void put64(b, 12, 2n ** 54n), /at most 16000 GiB/],
    ["grains of 2 sectors", (b) => void put64(b, 20, 2), /its grain size is 2 sectors/],
    ["grains of 100 sectors", (b) => void put64(b, 20, 100), /its grain size is 100 sectors/],
    ["grains of 2^60 sectors", (b) => void put64(b, 20, 2n ** 60n), /its grain size/],
    ["grain tables of 4 billion entries", (b) => void b.writeUInt32LE(2 ** 32 - 1, 44), /its grain tables/],
    ["a descriptor elsewhere", (b) => void put64(b, 28, 100), /its descriptor isn't where it belongs/],
    [
      "a descriptor of 2^60 sectors",
      (b) => void put64(b, 36, 2n ** 60n),
      /its descriptor isn't where it belongs/,
    ],
    [
      "a first grain beyond the end",
      (b) => void put64(b, 64, 2 ** 40),
      /its first grain lies beyond its end/,
    ],
    ["a compression that isn't known", (b) => void b.writeUInt16LE(2, 77), /its compression isn't known/],
    [
      "a compression that its flags don't say",
      (b) => void b.writeUInt16LE(1, 77),
      /its compression isn't known/,
    ],
    ["an extent in another folder", replaced(/SPARSE ".*"/, 'SPARSE "/etc/shadow"'), /\("\/etc\/shadow"\)/],
    [
      "an extent behind a pseudo-protocol",
      replaced(/SPARSE ".*"/, 'SPARSE "nbd:host"'),
      /another file \("nbd:host"\)/,
    ],
    ["a flat extent", replaced(/SPARSE "(.*)"/, 'FLAT "$1" 0'), /an extent in another file/],
    [
      "a second extent",
      replaced(/(RW .*)\n/, '$1\nRW 8 SPARSE "secret.vmdk"\n'),
      /another file \("secret\.vmdk"\)/,
    ],
    ["a second extent in small letters", replaced(/(RW .*)\n/, '$1\nrw 8 flat "secret" 0\n'), /\("secret"\)/],
    ["an extent of zeros", replaced(/(RW .*)\n/, "$1\nRW 8 ZERO\n"), /an extent in another file/],
    ["an extent of another length", replaced(/RW \d+/, "RW 12"), /an extent in another file/],
    ["no extent", replaced(/RW .*\n/, ""), /its descriptor names no extent/],
    ["a parent by its ID", replaced("parentCID=ffffffff", "parentCID=12345678"), /a parent disk/],
    ["no word of a parent", replaced("parentCID=ffffffff\n", ""), /a parent disk/],
    [
      "two words of a parent",
      replaced("parentCID", "parentcid=ffffffff\nparentCID"),
      /states "parentcid" twice/,
    ],
    [
      "a parent by its name",
      replaced("createType", 'parentFileNameHint="secret"\ncreateType'),
      /\("secret"\)/,
    ],
    [
      "a parent by its name behind the descriptor's end",
      (b) => void b.write('\nparentFileNameHint="secret"\n', SECTOR + 10_000),
      /a parent disk \("secret"\)/,
    ],
    ["another kind", replaced(/createType=".*"/, 'createType="vmfs"'), /is of the kind "vmfs"/],
    ["no kind", replaced(/createType=".*"\n/, ""), /is of the kind ""/],
    [
      "a line that isn't understood",
      descriptor((text) => `${text}\nsecret\n`),
      /a line that isn't understood/,
    ],
    [
      "a directory beyond the end",
      (b) => void put64(b, 56, 2 ** 40),
      /its grain directory lies beyond its end/,
    ],
    ["a directory on the header", (b) => void put64(b, 56, 0), /lies on|lies beyond/],
    [
      "a spare directory beyond the end",
      (b) => void put64(b, 48, 2 ** 40),
      /its grain directory lies beyond/,
    ],
    [
      "a spare table on the first",
      (b) => void b.writeUInt32LE(tableAt(b) / SECTOR, spareAt(b)),
      /a grain table lies on/,
    ],
    [
      "a table beyond the end",
      (b) => void b.writeUInt32LE(2 ** 32 - 1, directoryAt(b)),
      /a grain table lies beyond its end/,
    ],
    ["a table on the header", (b) => void b.writeUInt32LE(1, directoryAt(b)), / lies on /],
    [
      "a grain beyond the end",
      (b) => void b.writeUInt32LE(2 ** 32 - 1, tableAt(b)),
      /a grain lies beyond its end/,
    ],
    [
      "a grain on the descriptor",
      (b) => void b.writeUInt32LE(1, tableAt(b)),
      /a grain lies on its (header|descriptor)/,
    ],
    [
      "a grain on its table",
      (b) => void b.writeUInt32LE(tableAt(b) / SECTOR, tableAt(b)),
      /a grain lies on (a grain table|its grain directory)/,
    ],
    [
      "two grains in one place",
      (b) => void b.copy(b, tableAt(b), tableAt(b) + 4, tableAt(b) + 8),
      /lies on another/,
    ],
    [
      "two grains that share a sector",
      (b) => void b.writeUInt32LE(b.readUInt32LE(tableAt(b)) + 127, tableAt(b) + 4),
      /a grain lies on another/,
    ],
    [
      "a grain beyond the disk's end",
      (b) => void b.writeUInt32LE(200, tableAt(b) + 511 * 4),
      /beyond the disk's end/,
    ],
    [
      "a file that is cut off in its grains",
      (b) => b.subarray(0, b.length - 2 ** 16),
      /is cut off or damaged/,
    ],
    ["a file that is cut off in a sector", (b) => b.subarray(0, b.length - 5), /isn't a multiple of 512/],
    ["a file that is cut off in its descriptor", (b) => b.subarray(0, 2 * SECTOR), /is cut off or damaged/],
  ]);

  it("refuses compressed grains in one place", async () => {
    const path = await files.changed("stream.vmdk", "one.vmdk", (b) => {
      b.copy(b, tableAt(b), tableAt(b) + 4, tableAt(b) + 8);
    });
    expect(await refusal(path, "vmdk")).to.match(/a grain lies on another/);
  });

  it("refuses a stream without its end", async () => {
    const path = await files.changed("stream.vmdk", "endless.vmdk", (b) => footed()(b).subarray(0, b.length));
    expect(await refusal(path, "vmdk")).to.match(/its footer isn't at its end: it may be cut off/);
  });

  it("refuses a footer that says another disk than the header", async () => {
    const path = await files.changed(
      "stream.vmdk",
      "other.vmdk",
      footed((footer) => void put64(footer, 12, 999)),
    );
    expect(await refusal(path, "vmdk")).to.match(/its footer isn't what its header is/);
  });
});
