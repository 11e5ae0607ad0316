import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, rm, truncate, unlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import type { DiskStore } from "../../../../provider/engine/disks/disk-store";
import type { ExternalContents } from "../../../../provider/engine/disks/external-contents";
import { Fault, ViolationError } from "../../../../provider/engine/violation";
import { failure, fault, foreign, GIB, MIB, sha256, writeDisk } from "./disk-fixtures";
import { formatsContract } from "./disk-formats.contract";
import { layersContract } from "./disk-layers.contract";
import { sealingContract } from "./disk-sealing.contract";

/** What every disk store promises, whatever it is kept in. */
export function diskStoreContract(
  name: string,
  open: (folder: string, external: ExternalContents) => DiskStore,
): void {
  describe(`${name} keeps the contract of a disk store`, () => {
    let folder: string;
    let store: DiskStore;
    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), "images-disks-"));
      store = open(folder, (id) => {
        if (id === "public:stand-in") return { virtualBytes: 20 * GIB };
        if (id === "public:file") return { path: join(folder, "registered.raw"), virtualBytes: 3 * MIB };
        return undefined;
      });
    });
    afterEach(() => rm(folder, { recursive: true }));

    async function rawFile(name: string): Promise<{ path: string; bytes: Buffer }> {
      const path = join(folder, name);
      return { path, bytes: await writeDisk(path) };
    }

    it("makes blank disks of any size at once, with the checksum of their zeros", async () => {
      expect(await store.createBlank("d-1", GIB)).to.include({ virtualBytes: GIB, sizeBytes: 0 });
      expect(await store.stat("d-1")).to.deep.equal({ virtualBytes: GIB, sizeBytes: 0 });
      const blank = await store.copy("d-1", "d-2", { checksum: true });
      expect(blank.checksum).to.equal(
        "sha256:49bc20df15e412a64472421e13fe86ff1c5165e18b2afccf160d4dc19fe68a14",
      );
      const largest = await store.copy("d-1", "d-3", { checksum: true, virtualBytes: 500 * GIB });
      expect(largest.checksum).to.match(/^sha256:[0-9a-f]{64}$/);
      await store.createBlank("d-4", 5 * MIB + 512);
      const odd = await store.copy("d-4", "d-5", { checksum: true });
      expect(odd.checksum).to.equal(sha256(Buffer.alloc(5 * MIB + 512)));
    });

    it("tells the whole progress of an import that grows", async () => {
      const { path } = await rawFile("disk.raw");
      let last = 0;
      await store.importFile(foreign(path), "d-1", {
        virtualBytes: 8 * MIB,
        progress: (done, total) => (last = done / total),
      });
      expect(last).to.equal(1);
    });

    it("takes no checksum that nobody asked for", async () => {
      const { path } = await rawFile("disk.raw");
      expect((await store.importFile(foreign(path), "d-1")).checksum).to.equal(undefined);
      expect((await store.copy("d-1", "d-2")).checksum).to.equal(undefined);
    });

    it("imports a raw file whole, with its checksum and its progress", async () => {
      const { path, bytes } = await rawFile("disk.raw");
      const seen: [number, number][] = [];
      const content = await store.importFile(foreign(path), "d-1", {
        checksum: true,
        progress: (done, total) => seen.push([done, total]),
      });
      expect(content.virtualBytes).to.equal(bytes.length);
      expect(content.checksum).to.equal(sha256(bytes));
      expect(seen.at(-1)).to.deep.equal([bytes.length, bytes.length]);
    });

    it("does nothing once it is told to stop, and says what told it", async () => {
      const { path } = await rawFile("disk.raw");
      await store.importFile(foreign(path), "d-1");
      const reason = new Error("enough");
      const signal = AbortSignal.abort(reason);
      for (const work of [
        () => store.copy("d-1", "d-2", { signal }),
        () => store.copy("public:stand-in", "d-2", { signal, checksum: true }),
        () => store.importFile(foreign(path), "d-2", { signal }),
        () => store.checksum("d-1", { signal }),
        () => store.exportFile("d-1", { path: join(folder, "out"), format: "raw" }, { signal }),
      ]) {
        const error = await failure(work());
        expect(Fault.is(error), String(error)).to.equal(true);
        expect((error as Fault).cause).to.equal(reason);
      }
      expect(await store.list()).to.deep.equal(["d-1"]);
      expect(await readdir(folder)).not.to.include("out");
    });

    it("stops in the midst of its work, and leaves nothing of it", async () => {
      await store.createBlank("d-1", 400 * GIB + 512);
      for (const work of [
        (signal: AbortSignal) => store.copy("d-1", "d-2", { signal, checksum: true }),
        (signal: AbortSignal) => store.checksum("d-1", { signal }),
      ]) {
        const controller = new AbortController();
        const reason = new Error("enough");
        setTimeout(() => controller.abort(reason), 50);
        const error = await failure(work(controller.signal));
        expect((error as Fault).cause).to.equal(reason);
      }
      expect(await store.list()).to.deep.equal(["d-1"]);
      expect((await store.copy("d-1", "d-2")).virtualBytes).to.equal(400 * GIB + 512);
    });

    it("copies a content, and copies of copies are the same", async () => {
      const { path, bytes } = await rawFile("disk.raw");
      await store.importFile(foreign(path), "d-1");
      await unlink(path);
      const copy = await store.copy("d-1", "d-2", { checksum: true });
      await store.remove("d-1");
      const again = await store.copy("d-2", "d-3", { checksum: true });
      expect([copy.checksum, again.checksum]).to.deep.equal([sha256(bytes), sha256(bytes)]);
    });

    it("grows a copy or an import with zeros, and never cuts one", async () => {
      const { path, bytes } = await rawFile("disk.raw");
      const grown = await store.importFile(foreign(path), "d-1", {
        checksum: true,
        virtualBytes: 8 * MIB,
      });
      expect(grown.virtualBytes).to.equal(8 * MIB);
      expect(grown.checksum).to.equal(sha256(bytes, Buffer.alloc(8 * MIB - bytes.length)));
      const larger = await store.copy("d-1", "d-2", { checksum: true, virtualBytes: 9 * MIB });
      expect(larger.checksum).to.equal(sha256(bytes, Buffer.alloc(9 * MIB - bytes.length)));
      const same = await store.copy("d-1", "d-3", { checksum: true, virtualBytes: MIB });
      expect(same.virtualBytes).to.equal(8 * MIB);
      expect(same.checksum).to.equal(grown.checksum);
    });

    it("copies a blank disk without reading it, whatever its size", async () => {
      const blank = await store.createBlank("d-1", 400 * GIB);
      expect(await store.copy("d-1", "d-2")).to.deep.equal(blank);
      expect((await store.copy("d-1", "d-3", { virtualBytes: 500 * GIB })).virtualBytes).to.equal(500 * GIB);
    });

    it("shares a content under a second name that outlives the first", async () => {
      const { path, bytes } = await rawFile("disk.raw");
      await store.importFile(foreign(path), "d-1");
      expect(await store.share("d-1", "d-2")).to.include({ virtualBytes: bytes.length });
      await store.remove("d-1");
      expect(await store.stat("d-1")).to.equal(undefined);
      expect((await store.copy("d-2", "d-3", { checksum: true })).checksum).to.equal(sha256(bytes));
    });

    it("copies from contents that are registered, and from stand-ins", async () => {
      const bytes = randomBytes(3 * MIB);
      await writeFile(join(folder, "registered.raw"), bytes);
      expect((await store.copy("public:file", "d-1", { checksum: true })).checksum).to.equal(sha256(bytes));
      expect(await store.share("public:file", "d-2")).to.include({ virtualBytes: bytes.length });
      const standIn = await store.copy("public:stand-in", "d-3", { virtualBytes: 40 * GIB });
      expect(standIn).to.include({ virtualBytes: 40 * GIB, sizeBytes: 0 });
    });

    it("removes a content, and what isn't there", async () => {
      await store.createBlank("d-1", MIB);
      await store.remove("d-1");
      await store.remove("d-1");
      expect(await store.stat("d-1")).to.equal(undefined);
      await store.createBlank("d-1", MIB);
    });

    it("fails to copy or share what isn't there, and leaves nothing", async () => {
      expect(await fault(store.copy("d-0", "d-1"))).to.match(
        /^Copying disk d-0 to d-1 failed: there is no disk d-0/,
      );
      expect(await fault(store.share("d-0", "d-1"))).to.match(/there is no disk d-0/);
      expect(await fault(store.copy("public:file", "d-1"))).to.match(/registered\.raw/);
      expect(await store.stat("d-1")).to.equal(undefined);
    });

    it("never writes over a content", async () => {
      const blank = await store.createBlank("d-1", GIB);
      await store.createBlank("d-2", 2 * GIB);
      const taken = "there is a disk d-1 already";
      expect(await fault(store.createBlank("d-1", MIB))).to.contain(taken);
      expect(await fault(store.copy("d-2", "d-1"))).to.contain(taken);
      expect(await fault(store.share("d-2", "d-1"))).to.contain(taken);
      expect((await store.copy("d-1", "d-3")).checksum).to.equal(blank.checksum);
    });

    for (const id of ["../d", "a/b", "", ".hidden", "a\0b", "x".repeat(200), "C:\\d"]) {
      it(`refuses the ID ${JSON.stringify(id).slice(0, 20)} for a content`, async () => {
        await store.createBlank("d-1", MIB);
        expect(await fault(store.createBlank(id, MIB))).to.contain("can't name a disk");
        expect(await fault(store.copy("d-1", id))).to.contain("can't name a disk");
        expect(await fault(store.share("d-1", id))).to.contain("can't name a disk");
      });
    }

    describe("refuses to import", () => {
      const magic = (text: string, at = 0, size = 4096) => {
        const bytes = Buffer.alloc(size);
        bytes.write(text, at, "latin1");
        return bytes;
      };
      const convert = (format: string) =>
        new RegExp(`not raw\\. Convert it first: qemu-img convert -f ${format} -O raw .*file disk\\.raw$`);
      const cases: [string, Buffer, RegExp][] = [
        ["an empty file", Buffer.alloc(0), /is empty/],
        [
          "a file that ends within a sector",
          Buffer.alloc(1000, 1),
          /1000 bytes, which isn't a multiple of 512/,
        ],
        ["qcow2", magic("QFI\xfb"), convert("qcow2")],
        ["a sparse VMDK", magic("KDMV"), convert("vmdk")],
        ["a VMDK descriptor of any length", magic("# Disk DescriptorFile\n", 0, 333), convert("vmdk")],
        ["VHDX", magic("vhdxfile"), convert("vhdx")],
        ["a dynamic VHD", magic("conectix"), convert("vpc")],
        ["a fixed VHD", magic("conectix", 3584), convert("vpc")],
        ["a fixed VHD whose footer is a byte short", magic("conectix", 3584, 4095), convert("vpc")],
        ["VDI", magic("\x7f\x10\xda\xbe", 64), convert("vdi")],
        ["LUKS", magic("LUKS\xba\xbe"), /is LUKS, not raw/],
        ["gzip", magic("\x1f\x8b\x08", 0, 700), /is gzip, not raw\. Unpack it first/],
        ["xz", magic("\xfd7zXZ\0"), /is xz, not raw/],
        ["zstd", magic("\x28\xb5\x2f\xfd"), /is zstd, not raw/],
      ];
      for (const [what, bytes, reason] of cases) {
        it(what, async () => {
          const path = join(folder, "file");
          await writeFile(path, bytes);
          const error = await failure(store.importFile(foreign(path), "d-1"));
          expect(ViolationError.is(error), String(error)).to.equal(true);
          const [violation, ...more] = (error as ViolationError).violations;
          expect(more).to.deep.equal([]);
          expect(violation?.property).to.equal("diskFile");
          expect(violation?.reason).to.match(reason).and.contain(path);
          expect(await store.stat("d-1")).to.equal(undefined);
          const inspected = await failure(store.inspectFile(foreign(path)));
          expect(inspected).to.have.deep.property("violations", (error as ViolationError).violations);
        });
      }

      it("a path that leads nowhere, and a folder", async () => {
        for (const [path, reason] of [
          [join(folder, "absent.raw"), /There is no file .*absent\.raw/],
          [folder, /is a folder/],
        ] as const) {
          const error = await failure(store.importFile(foreign(path), "d-1"));
          expect(ViolationError.is(error) && error.violations[0]?.reason).to.match(reason);
        }
      });
    });

    it("tells the size of a raw file that it would import", async () => {
      const path = join(folder, "disk.raw");
      await writeFile(path, Buffer.alloc(MIB));
      expect(await store.inspectFile(foreign(path))).to.deep.equal({ virtualBytes: MIB });
    });

    it("takes a raw file that only mentions other formats within", async () => {
      const path = join(folder, "disk.raw");
      await writeFile(path, Buffer.alloc(2048).fill("  conectix QFI\xfb KDMV ", 40, 2048, "latin1"));
      await truncate(path, 4096);
      await store.importFile(foreign(path), "d-1");
    });

    const place = () => ({ store, folder });
    layersContract(place);
    sealingContract(place);
    formatsContract(place);
  });
}
