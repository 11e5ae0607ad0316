import { expect } from "chai";
import { inspectForeignFile } from "../../../../../provider/engine/disks/foreign/inspect";
import { mendVhdSum } from "./checksums";
import { DISK_BYTES, ForeignFiles, hasQemuImg, refuseBadFiles, refusal } from "./foreign-files";

const FOOTER = 512;
const footerAt = (bytes: Buffer) => bytes.length - FOOTER;
const headerAt = (bytes: Buffer) => Number(bytes.readBigUInt64BE(16));
const tableAt = (bytes: Buffer) => Number(bytes.readBigUInt64BE(headerAt(bytes) + 16));

/** Changes both footers, with their checksums. */
function footer(change: (footer: Buffer) => void) {
  return (bytes: Buffer) => {
    const part = bytes.subarray(footerAt(bytes));
    change(part);
    mendVhdSum(part, 64);
    if (bytes.toString("latin1", 0, 8) === "conectix") part.copy(bytes);
  };
}

/** Changes the dynamic header, with its checksum. */
function header(change: (header: Buffer) => void) {
  return (bytes: Buffer) => {
    const part = bytes.subarray(headerAt(bytes), headerAt(bytes) + 1024);
    change(part);
    mendVhdSum(part, 36);
  };
}

(hasQemuImg ? describe : describe.skip)("the judge of VHD files", () => {
  let files: ForeignFiles;
  before(async () => {
    files = await ForeignFiles.make();
    await files.good("dynamic.vhd", "vhd", "-o", "force_size=on");
    await files.good("fixed.vhd", "vhd", "-o", "subformat=fixed,force_size=on");
  });
  after(() => files.remove());

  for (const name of ["dynamic.vhd", "fixed.vhd"]) {
    it(`takes a ${name.replace(".vhd", "")} disk`, async () => {
      const found = await inspectForeignFile({
        path: files.path(name),
        format: "vhd",
        property: "imageFile",
      });
      expect(found.virtualBytes).to.equal(DISK_BYTES);
    });
  }

  it("takes disks whose size follows a geometry", async () => {
    for (const options of ["subformat=dynamic", "subformat=fixed"]) {
      const path = await files.good(`${options}.vhd`, "vhd", "-o", options);
      const found = await inspectForeignFile({ path, format: "vhd", property: "imageFile" });
      expect(found.virtualBytes).to.be.within(DISK_BYTES, DISK_BYTES + 2 ** 20);
    }
  });

  refuseBadFiles(() => files, "vhd", "dynamic.vhd", [
    [
      "a footer that doesn't match its checksum",
      (b) => void (b[footerAt(b) + 30]! ^= 1),
      /its footer doesn't match/,
    ],
    [
      "a header that isn't what the footer is",
      (b) => void (b[30]! ^= 1),
      /its header isn't what its footer is/,
    ],
    [
      "a file without its footer",
      (b) => b.subarray(0, footerAt(b)),
      /its footer isn't at its end: it may be cut off/,
    ],
    ["a file that is cut off in a sector", (b) => b.subarray(0, b.length - 100), /isn't a multiple of 512/],
    [
      "a version that isn't known",
      footer((f) => void f.writeUInt32BE(2, 12)),
      /is of a version that isn't known/,
    ],
    ["a type that isn't known", footer((f) => void f.writeUInt32BE(5, 60)), /says type 5/],
    [
      "a differencing disk",
      footer((f) => void f.writeUInt32BE(4, 60)),
      /isn't whole by itself: it has a parent disk/,
    ],
    [
      "a differencing disk, by its parent's name",
      (b) => {
        footer((f) => void f.writeUInt32BE(4, 60))(b);
        header((h) => void Buffer.from("secret.vhd", "utf16le").swap16().copy(h, 64))(b);
      },
      /a parent disk \("secret\.vhd"\)/,
    ],
    ["a parent locator", header((h) => void h.write("W2ku", 576 + 7 * 24)), /a parent disk/],
    ["a disk of no bytes", footer((f) => void f.writeBigUInt64BE(0n, 48)), /its disk has 0 bytes/],
    [
      "a disk of 3 TiB",
      footer((f) => void f.writeBigUInt64BE(3n << 40n, 48)),
      /its disk has 3298534883328 bytes/,
    ],
    ["a disk of 2^63 bytes", footer((f) => void f.writeBigUInt64BE(1n << 63n, 48)), /at most 16000 GiB/],
    [
      "a dynamic disk that says it is fixed",
      footer((f) => void f.writeUInt32BE(2, 60)),
      /its begin says that it isn't/,
    ],
    [
      "a dynamic header beyond the end",
      footer((f) => void f.writeBigUInt64BE(1n << 40n, 16)),
      /lies beyond its end/,
    ],
    [
      "a dynamic header elsewhere",
      footer((f) => void f.writeBigUInt64BE(1024n, 16)),
      /isn't where its footer says/,
    ],
    [
      "a dynamic header that doesn't match its checksum",
      (b) => void (b[headerAt(b) + 50]! ^= 1),
      /doesn't match its/,
    ],
    [
      "a dynamic header of a version that isn't known",
      header((h) => void h.writeUInt32BE(9, 24)),
      /a version/,
    ],
    ["blocks of 512 bytes", header((h) => void h.writeUInt32BE(512, 32)), /its block size is 512 bytes/],
    ["blocks of 3 MiB", header((h) => void h.writeUInt32BE(3 << 20, 32)), /its block size/],
    ["blocks of 2 GiB", header((h) => void h.writeUInt32BE(2 ** 31, 32)), /its block size/],
    [
      "a table too short for the disk",
      header((h) => void h.writeUInt32BE(1, 28)),
      /its block table has 1 entries/,
    ],
    [
      "a table of 16 GiB",
      header((h) => void h.writeUInt32BE(2 ** 32 - 1, 28)),
      /its block table has 4294967295/,
    ],
    [
      "a table beyond the end",
      header((h) => void h.writeBigUInt64BE(1n << 40n, 16)),
      /its block table lies beyond/,
    ],
    [
      "a table on the header",
      header((h) => void h.writeBigUInt64BE(512n, 16)),
      /lies on|lies beyond its end/,
    ],
    [
      "a table between sectors",
      header((h) => void h.writeBigUInt64BE(1537n, 16)),
      /doesn't begin with a sector/,
    ],
    [
      "a block beyond the end",
      (b) => void b.writeUInt32BE(2 ** 31, tableAt(b)),
      /a block of the disk lies beyond/,
    ],
    [
      "a block on the header",
      (b) => void b.writeUInt32BE(0, tableAt(b)),
      /a block of the disk lies on its header/,
    ],
    [
      "a block on the table",
      (b) => void b.writeUInt32BE(tableAt(b) / 512, tableAt(b)),
      /lies on its block table/,
    ],
    [
      "two blocks in one place",
      (b) => void b.copy(b, tableAt(b), tableAt(b) + 4, tableAt(b) + 8),
      /lies on another/,
    ],
    [
      "two blocks that share a sector",
      (b) => void b.writeUInt32BE(b.readUInt32BE(tableAt(b)) + 100, tableAt(b) + 4),
      /a block of the disk lies on another/,
    ],
    [
      "a block on the footer",
      (b) => void b.writeUInt32BE(b.readUInt32BE(tableAt(b) + 4) + 1, tableAt(b) + 4),
      /a block of the disk lies on its footer|lies on another/,
    ],
  ]);

  it("refuses a fixed disk whose file has another length than it says", async () => {
    const path = await files.changed("fixed.vhd", "longer.vhd", (b) => Buffer.concat([Buffer.alloc(512), b]));
    expect(await refusal(path, "vhd")).to.match(/its footer says 5243392 bytes of disk/);
  });

  it("refuses a fixed disk that begins as a dynamic one does", async () => {
    const path = await files.changed("fixed.vhd", "both.vhd", (b) => void b.write("conectix", 0));
    expect(await refusal(path, "vhd")).to.match(
      /says that the disk is fixed, and its begin says that it isn't/,
    );
  });
});
