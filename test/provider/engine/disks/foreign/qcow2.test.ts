import { truncate, writeFile } from "node:fs/promises";
import { expect } from "chai";
import { inspectForeignFile } from "../../../../../provider/engine/disks/foreign/inspect";
import { DISK_BYTES, ForeignFiles, hasQemuImg, qemuImg, refuseBadFiles, refusal } from "./foreign-files";

const u64 = (bytes: Buffer, at: number) => Number(bytes.readBigUInt64BE(at));
const put64 = (bytes: Buffer, at: number, value: number) => bytes.writeBigUInt64BE(BigInt(value), at);
const CLUSTER = 2 ** 16;
const l1At = (bytes: Buffer) => u64(bytes, 40);
const refcountsAt = (bytes: Buffer) => u64(bytes, 48);
const OFFSET = 0x00fffffffffffe00n;
/** Where the first L2 table, and its entry of a guest's cluster, lie. */
const l2At = (bytes: Buffer) => Number(bytes.readBigUInt64BE(l1At(bytes)) & OFFSET);
const entryAt = (bytes: Buffer, guest: number) => l2At(bytes) + guest * 8;
const feature = (bit: number) => (bytes: Buffer) => void (bytes[79 - (bit >> 3)]! |= 1 << (bit & 7));

function withExtension(type: number, data: string) {
  return (bytes: Buffer) => {
    const at = bytes.readUInt32BE(100);
    bytes.fill(0, at, at + 600);
    bytes.writeUInt32BE(type, at);
    bytes.writeUInt32BE(data.length, at + 4);
    bytes.write(data, at + 8);
  };
}

(hasQemuImg ? describe : describe.skip)("the judge of qcow2 files", () => {
  let files: ForeignFiles;
  before(async () => {
    files = await ForeignFiles.make();
    await files.good("good.qcow2", "qcow2");
    await files.good("packed.qcow2", "qcow2", "-c");
    await files.good("small.qcow2", "qcow2", "-o", "cluster_size=512");
    await files.good("old.qcow2", "qcow2", "-o", "compat=0.10");
    await files.good("parts.qcow2", "qcow2", "-o", "extended_l2=on");
    await writeFile(files.path("secret"), "secret".repeat(1000));
  });
  after(() => files.remove());

  const good = [
    ...["cluster_size=512", "cluster_size=4096", "cluster_size=2M", "compat=0.10", "extended_l2=on"],
    ...["lazy_refcounts=on", "refcount_bits=1", "refcount_bits=64", "compression_type=zstd"],
    ...["preallocation=metadata", "preallocation=falloc", "preallocation=full"],
  ];
  for (const options of good) {
    it(`takes those that qemu-img writes with ${options}, compressed too`, async () => {
      const plain = await files.good(`plain-${options}.qcow2`, "qcow2", "-o", options);
      const taken = [plain];
      if (!options.startsWith("preallocation")) {
        taken.push(await files.good(`packed-${options}.qcow2`, "qcow2", "-c", "-o", options));
      }
      for (const path of taken) {
        const found = await inspectForeignFile({ path, format: "qcow2", property: "imageFile" });
        expect(found.virtualBytes).to.equal(DISK_BYTES);
      }
    });
  }

  it("takes empty disks of any size that a disk may have", async () => {
    const path = files.path("empty.qcow2");
    await qemuImg("create", "-q", "-f", "qcow2", path, "16000G");
    const found = await inspectForeignFile({ path, format: "qcow2", property: "imageFile" });
    expect(found.virtualBytes).to.equal(16_000 * 2 ** 30);
    await qemuImg("create", "-q", "-f", "qcow2", path, "16001G");
    expect(await refusal(path, "qcow2")).to.match(/a disk has at most 16000 GiB/);
  });

  it("refuses a backing file, by name, and doesn't open it", async () => {
    const path = files.path("backed.qcow2");
    await qemuImg("create", "-q", "-f", "qcow2", "-b", files.path("secret"), "-F", "raw", path);
    expect(await refusal(path, "qcow2")).to.match(
      /isn't whole by itself: it has a backing file \(".*secret"\)/,
    );
  });

  it("refuses a backing file that is a pseudo-protocol", async () => {
    const path = files.path("json.qcow2");
    const name = 'json:{"driver":"raw","file":{"driver":"file","filename":"/etc/hostname"}}';
    await qemuImg("create", "-q", "-u", "-f", "qcow2", "-b", name, "-F", "raw", path, "1M");
    expect(await refusal(path, "qcow2")).to.match(/has a backing file \("json:/);
  });

  it("refuses an external data file", async () => {
    const path = files.path("apart.qcow2");
    const options = `data_file=${files.path("apart.raw")},data_file_raw=on`;
    await qemuImg("create", "-q", "-f", "qcow2", "-o", options, path, "1M");
    expect(await refusal(path, "qcow2")).to.match(/has a data file/);
  });

  it("refuses internal snapshots, with the command that leaves them out", async () => {
    const path = await files.good("snapshot.qcow2", "qcow2");
    await qemuImg("snapshot", "-c", "before", path);
    expect(await refusal(path, "qcow2")).to.match(
      /holds internal snapshots \(1\).* qemu-img convert -f qcow2 -O qcow2 .*snapshot\.qcow2 whole\.qcow2/,
    );
  });

  it("refuses encryption", async () => {
    const path = files.path("luks.qcow2");
    const secret = ["--object", "secret,id=s,data=abc"];
    const options = "encrypt.format=luks,encrypt.key-secret=s,encrypt.iter-time=10";
    // It can't always measure how long its key takes.
    for (let tries = 0; ; tries++) {
      try {
        await qemuImg("create", "-q", ...secret, "-f", "qcow2", "-o", options, path, "1M");
        break;
      } catch (error) {
        if (tries === 20) throw error;
      }
    }
    expect(await refusal(path, "qcow2")).to.match(/is encrypted/);
  });

  it("refuses dirty bitmaps", async () => {
    const path = await files.good("bitmap.qcow2", "qcow2");
    await qemuImg("bitmap", "--add", path, "b0");
    expect(await refusal(path, "qcow2")).to.match(/holds dirty bitmaps/);
  });

  const big = 2 ** 40;
  refuseBadFiles(() => files, "qcow2", "good.qcow2", [
    ["version 1", (b) => void b.writeUInt32BE(1, 4), /is of version 1, and 2 and 3 are known/],
    ["version 4", (b) => void b.writeUInt32BE(4, 4), /is of version 4/],
    ["features that aren't known", feature(5), /uses features that aren't known \(0x20\)/],
    ["a feature that isn't known in the last bit", feature(63), /\(0x8000000000000000\)/],
    ["the bit of a data file without its name", feature(2), /has a data file/],
    [
      "the name of a data file without its bit",
      withExtension(0x44415441, "secret"),
      /a data file \("secret"\)/,
    ],
    ["the pointer to an encryption header", withExtension(0x0537be77, "x".repeat(16)), /is encrypted/],
    ["a disk that is in use", feature(0), /wasn't closed in order.*qemu-img check -r all/],
    ["a disk marked as corrupt", feature(1), /is marked as damaged/],
    ["an encryption method", (b) => void b.writeUInt32BE(1, 32), /is encrypted/],
    ["a backing file's length with no place", (b) => void b.writeUInt32BE(9, 16), /a backing file/],
    ["a backing file's place outside the header", (b) => void put64(b, 8, big), /a backing file/],
    ["clusters of 256 bytes", (b) => void b.writeUInt32BE(8, 20), /its cluster size is 2\^8 bytes/],
    ["clusters of 4 MiB", (b) => void b.writeUInt32BE(22, 20), /its cluster size is 2\^22 bytes/],
    ["clusters of 2^4294967295 bytes", (b) => void b.writeUInt32BE(2 ** 32 - 1, 20), /its cluster size/],
    ["a header of 80 bytes", (b) => void b.writeUInt32BE(80, 100), /its header has a length of 80/],
    ["a header of 4 GiB", (b) => void b.writeUInt32BE(2 ** 32 - 8, 100), /its header has a length/],
    ["a compression that isn't known", (b) => void (b[104] = 7), /its compression type is 7/],
    ["a compression that its features don't say", (b) => void (b[104] = 1), /its compression type is 1/],
    ["refcounts of 128 bits", (b) => void b.writeUInt32BE(7, 96), /its refcount width/],
    [
      "a header extension that doesn't end",
      (b) => void b.writeUInt32BE(2 ** 32 - 1, b.readUInt32BE(100) + 4),
      /a header extension reaches beyond/,
    ],
    ["a disk of no bytes", (b) => void put64(b, 24, 0), /its disk has 0 bytes/],
    ["a disk of 2^63 bytes", (b) => void b.writeBigUInt64BE(2n ** 63n, 24), /a disk has at most 16000 GiB/],
    ["an L1 table too short for the disk", (b) => void b.writeUInt32BE(0, 36), /its L1 table has 0 entries/],
    ["an L1 table of 32 GiB", (b) => void b.writeUInt32BE(2 ** 32 - 1, 36), /its L1 table has/],
    ["an L1 table beyond the end", (b) => void put64(b, 40, big), /its L1 table lies beyond its end/],
    ["an L1 table on the header", (b) => void put64(b, 40, 0), /its L1 table lies on another part/],
    [
      "an L1 table between clusters",
      (b) => void put64(b, 40, 512),
      /its L1 table doesn't begin with a cluster/,
    ],
    ["no refcount table", (b) => void b.writeUInt32BE(0, 56), /its refcount table has 0 bytes/],
    ["a refcount table of 256 TiB", (b) => void b.writeUInt32BE(2 ** 32 - 1, 56), /its refcount table has/],
    ["a refcount table beyond the end", (b) => void put64(b, 48, big), /its refcount table lies beyond/],
    ["a refcount table on the L1 table", (b) => void put64(b, 48, l1At(b)), /its L1 table lies on another/],
    [
      "a refcount block on the L1 table",
      (b) => void put64(b, refcountsAt(b), l1At(b)),
      /a refcount block lies on another part/,
    ],
    [
      "a refcount block beyond the end",
      (b) => void put64(b, refcountsAt(b) + 8, big),
      /a refcount block lies beyond/,
    ],
    ["an L2 table beyond the end", (b) => void put64(b, l1At(b), big), /an L2 table lies beyond its end/],
    ["an L2 table on the L1 table", (b) => void put64(b, l1At(b), l1At(b)), /an L2 table lies on another/],
    [
      "an L2 table between clusters",
      (b) => void put64(b, l1At(b), l2At(b) + 512),
      /an L2 table doesn't begin/,
    ],
    [
      "bits in the L1 table that aren't known",
      (b) => void (b[l1At(b)]! |= 0x40),
      /its L1 table has an entry/,
    ],
    [
      "bits in an L2 table that aren't known",
      (b) => void (b[entryAt(b, 0) + 7]! |= 2),
      /an L2 table has an entry/,
    ],
    [
      "a cluster beyond the end",
      (b) => void put64(b, entryAt(b, 0), big),
      /a cluster of the disk lies beyond/,
    ],
    [
      "a cluster on the L2 table itself",
      (b) => void put64(b, entryAt(b, 0), l2At(b)),
      /a cluster of the disk lies on another part/,
    ],
    [
      "two guest clusters on one host cluster",
      (b) => void b.copy(b, entryAt(b, 0), entryAt(b, 1), entryAt(b, 2)),
      /a cluster of the disk lies on another part/,
    ],
    [
      "an unused part of an L2 table that names a cluster outside",
      (b) => void put64(b, entryAt(b, 8191), big),
      /a cluster of the disk lies beyond/,
    ],
    [
      "a compressed cluster beyond the end",
      (b) => void put64(b, entryAt(b, 0), 2 ** 62 + big),
      /a compressed cluster/,
    ],
    [
      "a compressed cluster on a plain one",
      (b) => void put64(b, entryAt(b, 0), 2 ** 62 + (u64(b, entryAt(b, 1)) % 2 ** 56)),
      /lies on another part/,
    ],
    ["a file that is cut off in its data", (b) => b.subarray(0, b.length - CLUSTER), /is cut off or damaged/],
    ["a file that is cut off in its tables", (b) => b.subarray(0, l1At(b) + 4), /is cut off or damaged/],
    ["a file that is cut off in its header", (b) => b.subarray(0, 90), /is cut off or damaged/],
    ["a file that is cut off behind its magic", (b) => b.subarray(0, 4), /is cut off or damaged/],
  ]);

  it("refuses compressed clusters that share their bytes", async () => {
    const path = await files.changed("packed.qcow2", "shared.qcow2", (bytes) => {
      const packed = bytes.subarray(entryAt(bytes, 48), entryAt(bytes, 49));
      expect(packed[0]! & 0x40).to.equal(0x40);
      // All of the disk, and the rest of its table, one compressed cluster.
      for (let guest = 0; guest < 8192; guest++) packed.copy(bytes, entryAt(bytes, guest));
    });
    expect(await refusal(path, "qcow2")).to.match(/a compressed cluster lies on another/);
  });

  it("refuses a zero flag where version 2 has none", async () => {
    const path = await files.changed("old.qcow2", "zero.qcow2", (b) => void (b[entryAt(b, 0) + 7]! |= 1));
    expect(await refusal(path, "qcow2")).to.match(/an L2 table has an entry that isn't understood/);
  });

  it("refuses a subcluster that is there and zeros at once", async () => {
    const path = await files.changed("parts.qcow2", "both.qcow2", (b) => void (b[l2At(b) + 11]! |= 1));
    expect(await refusal(path, "qcow2")).to.match(/an entry that contradicts itself/);
  });

  it("walks no more tables than take seconds, whatever a file full of holes says", async () => {
    const path = await files.changed("small.qcow2", "tables.qcow2", (bytes) => {
      const entries = 2 ** 22;
      const grown = Buffer.alloc(bytes.length + 512 + entries * 8);
      bytes.copy(grown);
      const at = Math.ceil(bytes.length / 512) * 512;
      put64(grown, 24, 128 * 2 ** 30);
      grown.writeUInt32BE(entries, 36);
      put64(grown, 40, at);
      for (let i = 0; i < entries; i++)
        put64(grown, at + i * 8, grown.length - (grown.length % 512) + i * 512);
      return grown;
    });
    await truncate(path, 4 * 2 ** 30);
    expect(await refusal(path, "qcow2")).to.match(/has more tables than can be checked/);
  });
});
