import { join } from "node:path";
import { expect } from "chai";
import type { DiskStore } from "../../../../provider/engine/disks/disk-store";
import { Fault } from "../../../../provider/engine/violation";
import { fault, foreign, MIB, needsQemu, sha256, Watched, writeDisk } from "./disk-fixtures";

/** What a disk store promises of contents that are based on others. */
export function layersContract(place: () => { store: DiskStore; folder: string }): void {
  describe("layers", () => {
    let store: DiskStore;
    let bytes: Buffer;
    beforeEach(async () => {
      const { folder } = place();
      store = place().store;
      bytes = await writeDisk(join(folder, "disk.raw"));
      await store.importFile(foreign(join(folder, "disk.raw")), "base");
    });

    it("makes an overlay that takes next to no room, whatever it is based on", async () => {
      const made = await store.overlay("base", "top");
      expect(made.virtualBytes).to.equal(bytes.length);
      expect(made.sizeBytes).to.be.lessThan(0.1 * MIB);
      expect(await store.stat("top")).to.deep.equal({
        virtualBytes: made.virtualBytes,
        sizeBytes: made.sizeBytes,
      });
      expect(await store.list()).to.have.members(["base", "top"]);
    });

    it("grows an overlay, and never cuts one", async () => {
      expect((await store.overlay("base", "larger", { virtualBytes: 8 * MIB })).virtualBytes).to.equal(
        8 * MIB,
      );
      expect((await store.overlay("base", "smaller", { virtualBytes: MIB })).virtualBytes).to.equal(
        bytes.length,
      );
    });

    it("makes no overlay of what isn't there, nor over a content", async () => {
      expect(await fault(store.overlay("absent", "top"))).to.contain("there is no disk absent");
      expect(await fault(store.overlay("base", "base"))).to.contain("there is a disk base already");
      expect(await store.list()).to.deep.equal(["base"]);
    });

    describe("read", () => {
      before(needsQemu);

      it("as what they are based on, grown with zeros", async () => {
        await store.overlay("base", "middle");
        await store.overlay("middle", "top", { virtualBytes: 8 * MIB });
        const grown = sha256(bytes, Buffer.alloc(8 * MIB - bytes.length));
        const watched = new Watched();
        expect(await store.checksum("middle")).to.equal(sha256(bytes));
        expect(await store.checksum("top", watched)).to.equal(grown);
        watched.expectWhole();
      });

      it("whole where they are copied, and stand by themselves then", async () => {
        await store.overlay("base", "middle");
        await store.overlay("middle", "top");
        const watched = new Watched();
        const copy = await store.copy("top", "copy", { checksum: true, progress: watched.progress });
        watched.expectWhole();
        expect(copy.checksum).to.equal(sha256(bytes));
        for (const id of ["top", "middle", "base"]) await store.remove(id);
        expect(await store.checksum("copy")).to.equal(sha256(bytes));
      });

      it("under a second name as under the first, when that is gone", async () => {
        await store.overlay("base", "top");
        await store.share("top", "second");
        await store.remove("top");
        await store.overlay("second", "further");
        expect(await store.checksum("second")).to.equal(sha256(bytes));
        expect(await store.checksum("further")).to.equal(sha256(bytes));
      });

      it("after the others on the same base are gone, in any order", async () => {
        for (const id of ["one", "two", "three"]) await store.overlay("base", id);
        for (const id of ["two", "one"]) await store.remove(id);
        expect(await store.checksum("three")).to.equal(sha256(bytes));
      });

      it("as nothing else where their base is gone: it is named, or they stand without it", async () => {
        await store.overlay("base", "top");
        await store.remove("base");
        const copied = await store.copy("top", "copy", { checksum: true }).catch((error: unknown) => error);
        if (copied instanceof Error) {
          expect(Fault.is(copied) && copied.message).to.match(/Copying disk top to copy failed: .*base/);
          expect(await store.list()).to.deep.equal(["top"]);
        } else expect(copied).to.include({ checksum: sha256(bytes) });
      });
    });
  });
}
