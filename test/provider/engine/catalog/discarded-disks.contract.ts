import { expect } from "chai";
import type { Catalog } from "../../../../provider/engine/catalog/catalog";
import { failure } from "./catalog-under-test";
import type { CatalogUnderTest } from "./catalog-under-test";
import { endedProcess } from "./ended-process";
import { newImage, newInstance, newVolume } from "./records";

/** What every catalogue knows of disk contents that no record names any more. */
export function discardedDisksContract(opened: () => CatalogUnderTest): void {
  describe("of disks that no record names", () => {
    let subject: CatalogUnderTest;
    let catalog: Catalog;
    beforeEach(() => {
      subject = opened();
      catalog = subject.catalog;
    });

    it("discards the disks that no record names any more", async () => {
      await catalog.transaction(async (tx) => {
        await tx.insert("image", newImage("img-1"));
        await tx.insert("instance", newInstance("i-1"));
        await tx.insert("volume", newVolume("v-1"));
        const disks = ["disk-of-img-1", "system-of-i-1", "data-of-i-1", "disk-of-v-1", "old"];
        expect(await tx.discardDisks(disks)).to.deep.equal(["old"]);
        await tx.delete("image", "img-1");
        const rebuilt = { id: "rebuilt", device: "/dev/vda", size: 20 };
        await tx.insert("volume", newVolume("v-2", { disk: rebuilt }));
        await tx.update("instance", "i-1", { systemDisk: rebuilt });
        await tx.delete("volume", "v-2");
        expect(await tx.discardDisks([...disks, "rebuilt"])).to.have.members([
          "disk-of-img-1",
          "system-of-i-1",
          "old",
        ]);
        expect(await tx.discardDisks([])).to.deep.equal([]);
      });
    });

    it("tells of discarded disks, to other processes too, until they are forgotten", async () => {
      await catalog.transaction(async (tx) => {
        await tx.insert("image", newImage("img-1"));
        await tx.insert("image", newImage("img-2"));
      });
      for (const id of ["img-1", "img-2"]) {
        await catalog.transaction(async (tx) => {
          await tx.delete("image", id);
          await tx.discardDisks([`disk-of-${id}`]);
        });
      }
      const other = subject.openedBy(endedProcess());
      expect(await other.sweep()).to.have.members(["disk-of-img-1", "disk-of-img-2"]);
      await other.forgetDiscarded(["disk-of-img-1", "unknown"]);
      await other.close();
      expect(await catalog.sweep()).to.deep.equal(["disk-of-img-2"]);
    });

    it("discards nothing where the transaction is rolled back", async () => {
      const refused = catalog.transaction(async (tx) => {
        await tx.discardDisks(["old"]);
        throw new Error("refused");
      });
      await failure(refused);
      expect(await catalog.sweep()).to.deep.equal([]);
    });
  });
}
