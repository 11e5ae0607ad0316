import { expect } from "chai";
import type { Catalog } from "../../../../provider/engine/catalog/catalog";
import type { CatalogUnderTest } from "./catalog-under-test";
import { newExport, newImage, newInstance, newShare, newVolume } from "./records";

/** What rules ask of every catalogue. */
export function questionsContract(opened: () => CatalogUnderTest): void {
  describe("to rules", () => {
    let catalog: Catalog;
    beforeEach(() => ({ catalog } = opened()));

    it("tells accounts and regions apart", async () => {
      await catalog.transaction(async (tx) => {
        await tx.insert("image", newImage("img-1"));
        await tx.insert("image", newImage("img-2", { account: "other" }));
        await tx.insert("image", newImage("img-3", { region: "far" }));
      });
      await catalog.transaction(async (tx) => {
        expect(await tx.privateImageCount("local", "default")).to.equal(1);
        expect((await tx.privateImages("local", "other")).map((i) => i.id)).to.deep.equal(["img-2"]);
        expect((await tx.get("image", "img-3"))?.region).to.equal("far");
      });
    });

    it("lists shares of an image and with a member", async () => {
      await catalog.transaction(async (tx) => {
        await tx.insert("image", newImage("img-1"));
        await tx.insert("image", newImage("img-2"));
        await tx.insert("share", newShare("s-1", "img-1", "partner"));
        await tx.insert("share", newShare("s-2", "img-1", "friend"));
        await tx.insert("share", newShare("s-3", "img-2", "partner"));
        await tx.insert("image", newImage("img-3", { region: "far" }));
        await tx.insert("share", newShare("s-4", "img-3", "partner", { region: "far" }));
      });
      await catalog.transaction(async (tx) => {
        expect((await tx.sharesOfImage("img-1")).map((s) => s.id)).to.deep.equal(["s-1", "s-2"]);
        expect((await tx.sharesWith("local", "partner")).map((s) => s.id)).to.deep.equal(["s-1", "s-3"]);
        expect(await tx.acceptedShareCount("local", "partner")).to.equal(2);
        expect(await tx.acceptedShareCount("local", "friend")).to.equal(1);
      });
    });

    it("counts a snapshot that two images hold once, and image files not at all", async () => {
      const snapshot = (id: string) => ({ device: "/dev/vdb", kind: "snapshot" as const, id, size: 5 });
      const full = newImage("img-1", {
        imageType: "full",
        source: { type: "instance", id: "i-1" },
        deviceMappings: [snapshot("s-a"), snapshot("s-b")],
      });
      const converted = newImage("img-2", {
        imageType: "full",
        source: { type: "image", id: "img-1", conversion: true },
        architectures: ["cloudDisk"],
        deviceMappings: [snapshot("s-b"), snapshot("s-c")],
      });
      await catalog.transaction(async (tx) => {
        await tx.insert("instance", newInstance("i-1"));
        await tx.insert("image", full);
        await tx.insert("image", converted);
        await tx.insert("image", newImage("img-3"));
        await tx.insert("image", newImage("img-4", { account: "other", deviceMappings: [snapshot("s-d")] }));
        expect(await tx.snapshotCount("local", "default")).to.equal(3);
        await tx.delete("image", "img-2");
        expect(await tx.snapshotCount("local", "default")).to.equal(2);
      });
    });

    it("knows which full images of an instance are being made", async () => {
      const full = { imageType: "full", source: { type: "instance", id: "i-1" } } as const;
      await catalog.transaction(async (tx) => {
        await tx.insert("instance", newInstance("i-1"));
        await tx.insert("instance", newInstance("i-2"));
        await tx.insert("image", newImage("img-2", full));
        await tx.insert("image", newImage("img-3", { ...full, status: "creating", imageType: "system" }));
        await tx.insert("image", newImage("img-1", { ...full, status: "creating" }));
        await tx.insert(
          "image",
          newImage("img-4", { ...full, status: "creating", source: { type: "instance", id: "i-2" } }),
        );
      });
      const running = await catalog.transaction((tx) => tx.runningFullImages("i-1"));
      expect(running.map(({ id }) => id)).to.deep.equal(["img-1"]);
    });

    it("knows which conversions of an image are running", async () => {
      const source = { type: "image" as const, id: "img-1", conversion: true };
      const converted = { source, architectures: ["cloudDisk" as const] };
      await catalog.transaction(async (tx) => {
        await tx.insert("image", newImage("img-1"));
        await tx.insert("image", newImage("img-3", { status: "active", ...converted }));
        await tx.insert("image", newImage("img-2", { status: "creating", ...converted }));
        await tx.insert(
          "image",
          newImage("img-4", { status: "creating", source: { type: "image", id: "img-1" } }),
        );
      });
      const running = await catalog.transaction((tx) => tx.runningConversions("img-1"));
      expect(running.map((image) => image.id)).to.deep.equal(["img-2"]);
    });

    it("knows which exports of an image are running, and which go to a bucket or folder", async () => {
      await catalog.transaction(async (tx) => {
        await tx.insert("image", newImage("img-1"));
        await tx.insert("image", newImage("img-2", { account: "other" }));
        await tx.insert("export", newExport("exp-1", "img-1"));
        await tx.insert("export", newExport("exp-2", "img-1", { status: "creating" }));
        await tx.insert("export", newExport("exp-3", "img-2", { status: "creating", account: "other" }));
        await tx.insert("export", newExport("exp-4", "img-1", { bucketUrl: "file:///elsewhere" }));
      });
      await catalog.transaction(async (tx) => {
        expect((await tx.runningExports("img-1")).map(({ id }) => id)).to.deep.equal(["exp-2"]);
        const there = await tx.exportsTo("s3://bucket/prefix");
        expect(there.map(({ id }) => id)).to.deep.equal(["exp-1", "exp-2", "exp-3"]);
        // All that there are, are seen.
        expect(await tx.otherExporter("s3://bucket/prefix", "exp-3", "raw")).to.equal(undefined);
      });
    });

    it("finds records by the declaration that asked for them and marks them as seen by token", async () => {
      const origin = (token: string) => ({ declaredBy: "urn:a", creationToken: token, seen: false });
      await catalog.transaction(async (tx) => {
        await tx.insert("image", newImage("img-1", { origin: origin("t-1") }));
        await tx.insert("image", newImage("img-2", { origin: origin("t-2") }));
        await tx.insert("instance", newInstance("i-1", { origin: origin("t-3") }));
        await tx.insert("volume", newVolume("v-1", { origin: origin("t-4") }));
        await tx.insert("share", newShare("s-1", "img-1", "partner", { origin: origin("t-5") }));
        await tx.insert("export", newExport("exp-1", "img-1", { origin: origin("t-6") }));
      });
      await catalog.markSeen(["t-1", "t-3", "t-4", "t-5", "t-6", "unknown"]);
      const found = await catalog.transaction(async (tx) => [
        ...(await tx.declaredBy("image", "urn:a")),
        ...(await tx.declaredBy("instance", "urn:a")),
        ...(await tx.declaredBy("volume", "urn:a")),
        ...(await tx.declaredBy("share", "urn:a")),
        ...(await tx.declaredBy("export", "urn:a")),
        ...(await tx.declaredBy("image", "urn:b")),
      ]);
      expect(found.map((record) => [record.id, record.origin?.seen])).to.deep.equal([
        ["img-1", true],
        ["img-2", false],
        ["i-1", true],
        ["v-1", true],
        ["s-1", true],
        ["exp-1", true],
      ]);
    });
  });
}
