import { execFileSync } from "node:child_process";
import { utimesSync } from "node:fs";
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { expect } from "chai";
import type { DiskStore } from "../../../../provider/engine/disks/disk-store";
import { QEMU_FORMAT } from "../../../../provider/engine/disks/qemu-img";
import type { DiskFormat, ExportFormat } from "../../../../provider/engine/model";
import { ViolationError } from "../../../../provider/engine/violation";
import { failure, fault, foreign, GIB, MIB, needsQemu, sha256, Watched, writeDisk } from "./disk-fixtures";
import { mendVhdSum } from "./foreign/checksums";

const EXPORTS: ExportFormat[] = ["raw", "qcow2", "vmdk", "vhd"];
const IMPORTS: DiskFormat[] = [...EXPORTS, "vhdx"];
/** Bytes of a disk that nothing was written to: each is read, and hashed, on the way out and in. */
const BLANK = 256 * MIB;

/** What a disk store promises of disks that come in and go out. */
export function formatsContract(place: () => { store: DiskStore; folder: string }): void {
  describe("disk files from and to outside", () => {
    let store: DiskStore;
    let folder: string;
    let bytes: Buffer;
    before(needsQemu);
    beforeEach(async () => {
      ({ store, folder } = place());
      bytes = await writeDisk(join(folder, "disk.raw"));
      await store.importFile(foreign(join(folder, "disk.raw")), "disk");
    });

    function qemu(...args: string[]): Buffer {
      return execFileSync("qemu-img", args, { cwd: folder });
    }

    for (const format of EXPORTS) {
      it(`are written as ${format}, which reads as the disk and has the checksum told`, async () => {
        const path = join(folder, `out.${format}`);
        const watched = new Watched();
        const written = await store.exportFile("disk", { path, format }, watched);
        watched.expectWhole();
        const file = await readFile(path);
        expect(written).to.deep.equal({ sizeBytes: file.length, checksum: sha256(file) });
        qemu("convert", "-f", QEMU_FORMAT[format], "-O", "raw", path, "back.raw");
        expect(sha256(await readFile(join(folder, "back.raw")))).to.equal(sha256(bytes));
        if (format === "qcow2" || format === "vmdk") qemu("check", "-f", format, path);
      });

      it(`are the same ${format} file each time`, async () => {
        const checksums = [];
        for (const work of ["first", "second"]) {
          const path = join(folder, work);
          checksums.push((await store.exportFile("disk", { path, format, name: `disk.${format}` })).checksum);
        }
        expect(checksums[0]).to.equal(checksums[1]);
      });

      it(`are written as ${format} from a blank disk`, async () => {
        await store.createBlank("blank", BLANK);
        const path = join(folder, `blank.${format}`);
        await store.exportFile("blank", { path, format });
        await store.importFile(foreign(path, format), "again");
        expect((await store.stat("again"))?.virtualBytes).to.equal(BLANK);
        if (format !== "raw") expect((await stat(path)).size).to.be.lessThan(BLANK / 100);
      });
    }

    it("hold the whole disk where it is an overlay", async () => {
      await store.overlay("disk", "top");
      const path = join(folder, "top.qcow2");
      await store.exportFile("top", { path, format: "qcow2" });
      for (const id of ["top", "disk"]) await store.remove(id);
      const again = await store.importFile(foreign(path, "qcow2"), "again", { checksum: true });
      expect(again.checksum).to.equal(sha256(bytes));
    });

    it("are never written over what stands, and nothing half is left beside", async () => {
      const path = join(folder, "mine");
      await writeFile(path, "mine");
      for (const format of EXPORTS) {
        expect(await fault(store.exportFile("disk", { path, format }))).to.contain("nothing is overwritten");
      }
      expect(await readFile(path, "utf8")).to.equal("mine");
      const hidden = (await readdir(folder)).filter((name) => basename(name).startsWith("."));
      expect(hidden).to.deep.equal([]);
    });

    for (const format of IMPORTS) {
      it(`are taken in as ${format}, grown where asked`, async () => {
        const path = join(folder, `in.${format}`);
        const options = format === "vhd" ? ["-o", "force_size=on"] : [];
        qemu("convert", "-f", "raw", "-O", QEMU_FORMAT[format], ...options, "disk.raw", path);
        const { virtualBytes } = await store.inspectFile(foreign(path, format));
        expect(virtualBytes - bytes.length).to.be.within(0, GIB / 1024);
        const watched = new Watched();
        const asked = { virtualBytes: 8 * 2 ** 20, checksum: true, progress: watched.progress };
        const taken = await store.importFile(foreign(path, format), "taken", asked);
        watched.expectWhole();
        expect(taken.checksum).to.equal(sha256(bytes, Buffer.alloc(asked.virtualBytes - bytes.length)));
      });
    }

    for (const subformat of ["dynamic", "fixed"]) {
      it(`are taken in to their end as a ${subformat} vhd whose geometry falls short of its size`, async () => {
        const path = join(folder, "in.vhd");
        const options = `force_size=on,subformat=${subformat}`;
        qemu("convert", "-f", "raw", "-O", "vpc", "-o", options, "disk.raw", path);
        await writeFile(path, ofVirtualPc(await readFile(path), { cylinders: 90, heads: 4, sectors: 17 }));
        const taken = await store.importFile(foreign(path, "vhd"), "taken", { checksum: true });
        expect(taken).to.include({ virtualBytes: bytes.length, checksum: sha256(bytes) });
      });
    }

    for (const format of ["raw", "qcow2"] as const) {
      it(`are refused as ${format} where they are written to while they are taken in`, async () => {
        const path = join(folder, `busy.${format}`);
        qemu("convert", "-f", "raw", "-O", format, "disk.raw", path);
        const error = await whileTouched(path, () =>
          failure(store.importFile(foreign(path, format), "taken")),
        );
        expect(ViolationError.is(error) && error.message).to.contain("was written to while it was read");
        expect(await store.list()).to.deep.equal(["disk"]);
      });
    }
  });
}

/** The file as a tool makes it that is known to count by geometry. */
function ofVirtualPc(vhd: Buffer, geometry: { cylinders: number; heads: number; sectors: number }): Buffer {
  const isDynamic = vhd.toString("latin1", 0, 8) === "conectix";
  const footer = vhd.subarray(vhd.length - 512);
  footer.write("vpc ", 28, "latin1");
  footer.writeUInt16BE(geometry.cylinders, 56);
  footer.writeUInt8(geometry.heads, 58);
  footer.writeUInt8(geometry.sectors, 59);
  mendVhdSum(footer, 64);
  if (isDynamic) footer.copy(vhd);
  return vhd;
}

/** Has a file's time change at every turn of the event loop. */
async function whileTouched<T>(path: string, work: () => Promise<T>): Promise<T> {
  let turn = 0;
  let next: NodeJS.Immediate;
  const touch = () => {
    utimesSync(path, ++turn, turn);
    next = setImmediate(touch);
  };
  touch();
  return work().finally(() => clearImmediate(next));
}
