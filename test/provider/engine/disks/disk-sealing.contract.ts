import { randomBytes } from "node:crypto";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import type { DiskStore } from "../../../../provider/engine/disks/disk-store";
import { fault, foreign, MIB, needsQemu, sha256, Watched, writeDisk } from "./disk-fixtures";

/** What a disk store promises of contents that are sealed with a data key. */
export function sealingContract(place: () => { store: DiskStore; folder: string }): void {
  describe("sealed contents", () => {
    const [key, other] = [randomBytes(32), randomBytes(32)];
    const secrets = [key, other].flatMap((k) => [k.toString("base64"), k.toString("hex")]);
    let store: DiskStore;
    let bytes: Buffer;
    before(needsQemu);
    beforeEach(async () => {
      const { folder } = place();
      store = place().store;
      bytes = await writeDisk(join(folder, "disk.raw"));
      await store.importFile(foreign(join(folder, "disk.raw")), "plain");
    });

    it("read as what was sealed, with their key", async () => {
      const watched = new Watched();
      const options = { key, progress: watched.progress, checksum: true };
      const sealed = await store.copy("plain", "sealed", options);
      watched.expectWhole();
      expect(sealed.virtualBytes).to.equal(bytes.length);
      expect(sealed.checksum)
        .to.match(/^sha256:[0-9a-f]{64}$/)
        .and.not.equal(sha256(bytes));
      const opened = await store.copy("sealed", "opened", { fromKey: key, checksum: true });
      expect(opened.checksum).to.equal(sha256(bytes));
    });

    it("are sealed anew with another key, grown where asked", async () => {
      await store.copy("plain", "sealed", { key });
      await store.copy("sealed", "again", { fromKey: key, key: other, virtualBytes: 8 * MIB });
      await store.remove("sealed");
      const opened = await store.copy("again", "opened", { fromKey: other, checksum: true });
      expect(opened.checksum).to.equal(sha256(bytes, Buffer.alloc(8 * MIB - bytes.length)));
    });

    it("don't open without their key, nor with another one, whose words tell no secret", async () => {
      await store.copy("plain", "sealed", { key });
      const without = await fault(store.copy("sealed", "opened"));
      expect(without).to.contain("disk sealed is sealed, and no key was given");
      const wrong = await fault(store.copy("sealed", "opened", { fromKey: other, key }));
      expect(wrong).to.match(/doesn't open with its key: it is sealed with another one/);
      for (const secret of secrets) expect(without + wrong).not.to.contain(secret);
      expect(await store.list()).to.have.members(["plain", "sealed"]);
    });

    it("are made of what isn't sealed whatever key is given for that", async () => {
      await store.copy("plain", "sealed", { fromKey: other, key });
      const opened = await store.copy("sealed", "opened", { fromKey: key, checksum: true });
      expect(opened.checksum).to.equal(sha256(bytes));
      expect((await store.copy("plain", "copy", { fromKey: key, checksum: true })).checksum).to.equal(
        sha256(bytes),
      );
    });

    it("begin blank, or from a disk file", async () => {
      const blank = await store.createBlank("blank", 4 * MIB, { key });
      expect(blank.virtualBytes).to.equal(4 * MIB);
      const imported = foreign(join(place().folder, "disk.raw"));
      await store.importFile(imported, "imported", { key });
      const zeros = await store.copy("blank", "zeros", { fromKey: key, checksum: true });
      expect(zeros.checksum).to.equal(sha256(Buffer.alloc(4 * MIB)));
      const opened = await store.copy("imported", "opened", { fromKey: key, checksum: true });
      expect(opened.checksum).to.equal(sha256(bytes));
    });

    it("are shared as they are", async () => {
      await store.copy("plain", "sealed", { key });
      await store.share("sealed", "second");
      await store.remove("sealed");
      const opened = await store.copy("second", "opened", { fromKey: key, checksum: true });
      expect(opened.checksum).to.equal(sha256(bytes));
    });

    it("carry no overlay, are not exported, and show no checksum of what is inside", async () => {
      await store.createBlank("sealed", MIB, { key });
      const { folder } = place();
      const path = join(folder, "out.qcow2");
      for (const work of [
        () => store.overlay("sealed", "top"),
        () => store.checksum("sealed"),
        () => store.exportFile("sealed", { path, format: "qcow2" }),
      ]) {
        expect(await fault(work())).to.contain("disk sealed is sealed");
      }
      expect(await readdir(folder)).not.to.contain("out.qcow2");
    });
  });
}
