import { expect } from "chai";
import type { Catalog, ImageCriteria } from "../../../../provider/engine/catalog/catalog";
import type { ImageRecord } from "../../../../provider/engine/model";
import type { CatalogUnderTest } from "./catalog-under-test";
import { newImage, newShare } from "./records";

/** How every catalogue finds images for lookups. */
export function lookupsContract(opened: () => CatalogUnderTest): void {
  describe("to lookups", () => {
    let catalog: Catalog;
    beforeEach(() => ({ catalog } = opened()));

    it("finds the images with all of some tags that an account sees, as they are tagged now", async () => {
      const member = { region: "local", account: "partner" };
      await catalog.transaction(async (tx) => {
        await tx.insert("image", newImage("img-1", { tags: { team: "a", stage: "prod" } }));
        await tx.insert("image", newImage("img-2", { tags: { team: "a", stage: "test" } }));
        await tx.insert("image", newImage("img-3", { tags: {} }));
        await tx.insert("image", newImage("img-4", { tags: { team: "a" }, account: "partner" }));
        await tx.insert("image", newImage("img-5", { tags: { team: "a" }, region: "remote" }));
        await tx.insert("share", newShare("s-1", "img-1", "partner"));
      });
      const found = async (tags: Record<string, string>, viewer = { region: "local", account: "default" }) =>
        (await catalog.findImages(viewer, { tags })).map(({ id }) => id);
      expect(await found({ team: "a" })).to.deep.equal(["img-1", "img-2"]);
      expect(await found({ team: "a", stage: "prod" })).to.deep.equal(["img-1"]);
      expect(await found({ team: "A" })).to.deep.equal([]);
      expect(await found({ team: "a" }, member)).to.deep.equal(["img-1", "img-4"]);
      await catalog.transaction(async (tx) => {
        await tx.update("image", "img-1", { tags: { stage: "prod" } });
        await tx.update("image", "img-3", { tags: { team: "a" } });
        await tx.update("image", "img-2", { name: "renamed" });
        await tx.delete("image", "img-4");
      });
      expect(await found({ team: "a" })).to.deep.equal(["img-2", "img-3"]);
      expect(await found({ stage: "prod" }, member)).to.deep.equal(["img-1"]);
      const own = { region: "local", account: "default" };
      const [renamed] = await catalog.findImages(own, { tags: { stage: "test" } });
      expect(renamed).to.deep.equal(await catalog.transaction((tx) => tx.get("image", "img-2")));
    });

    it("finds the images of a name that an account sees, as they are named now, by tags too", async () => {
      const named = (id: string, name: string, rest: Partial<ImageRecord> = {}) =>
        newImage(id, { name, ...rest });
      await catalog.transaction(async (tx) => {
        await tx.insert("image", named("img-1", "golden", { tags: { stage: "prod", team: "a" } }));
        await tx.insert("image", named("img-2", "golden"));
        await tx.insert("image", named("img-3", "golden-3"));
        await tx.insert("image", named("img-4", "golden", { account: "partner" }));
        await tx.insert("image", named("img-5", "golden", { region: "remote" }));
        await tx.insert("share", newShare("s-1", "img-1", "partner"));
        await tx.insert("share", newShare("s-2", "img-3", "partner"));
      });
      const found = async (wanted: ImageCriteria, account = "default") =>
        (await catalog.findImages({ region: "local", account }, wanted)).map(({ id }) => id);
      expect(await found({ name: "golden" })).to.deep.equal(["img-1", "img-2"]);
      expect(await found({ name: "golden" }, "partner")).to.deep.equal(["img-1", "img-4"]);
      expect(await found({ name: "Golden" })).to.deep.equal([]);
      expect(await found({ name: "golden", tags: { stage: "prod" } })).to.deep.equal(["img-1"]);
      expect(await found({ name: "golden-3", tags: { stage: "prod" } })).to.deep.equal([]);
      expect(await found({ name: "golden", tags: { stage: "prod" } }, "partner")).to.deep.equal(["img-1"]);
      await catalog.transaction(async (tx) => {
        await tx.update("image", "img-1", { name: "renamed" });
        await tx.delete("image", "img-2");
      });
      expect(await found({ name: "golden" })).to.deep.equal([]);
      expect(await found({ name: "renamed" }, "partner")).to.deep.equal(["img-1"]);
      const [golden] = await catalog.findImages(
        { region: "local", account: "default" },
        { name: "golden-3" },
      );
      expect(golden).to.deep.equal(await catalog.transaction((tx) => tx.get("image", "img-3")));
    });
  });
}
