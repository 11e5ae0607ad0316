import { expect } from "chai";
import type { Catalog } from "../../../../provider/engine/catalog/catalog";
import { failure } from "./catalog-under-test";
import type { CatalogUnderTest } from "./catalog-under-test";
import { newImage, newInstance } from "./records";

/** Reads and writes of every catalogue that hold together. */
export function transactionsContract(opened: () => CatalogUnderTest): void {
  describe("of transactions", () => {
    let catalog: Catalog;
    beforeEach(() => ({ catalog } = opened()));

    it("takes back everything of a transaction that throws", async () => {
      await catalog.transaction((tx) => tx.insert("image", newImage("img-1")));
      const thrown = new Error("refused");
      const error = await failure(
        catalog.transaction(async (tx) => {
          await tx.insert("image", newImage("img-2"));
          await tx.update("image", "img-1", { name: "changed" });
          await tx.insert("instance", newInstance("i-1"));
          throw thrown;
        }),
      );
      expect(error).to.equal(thrown);
      const { images, instances } = await catalog.snapshot();
      expect(images.filter((image) => image.account).map((image) => image.name)).to.deep.equal(["img-1"]);
      expect(instances).to.deep.equal([]);
    });

    it("sees its own writes within a transaction", async () => {
      await catalog.transaction(async (tx) => {
        await tx.insert("image", newImage("img-1"));
        expect(await tx.privateImageCount("local", "default")).to.equal(1);
        await tx.delete("image", "img-1");
        expect(await tx.get("image", "img-1")).to.equal(undefined);
        expect(await tx.privateImageCount("local", "default")).to.equal(0);
      });
    });

    it("lets one transaction at a time count and insert", async () => {
      const outcomes = await Promise.all(
        Array.from({ length: 12 }, (_, n) =>
          catalog.transaction(async (tx) => {
            if ((await tx.privateImageCount("local", "default")) >= 5) return "full";
            await tx.insert("image", newImage(`img-${n}`));
            return "made";
          }),
        ),
      );
      expect(outcomes.filter((outcome) => outcome === "made")).to.have.length(5);
    });
  });
}
