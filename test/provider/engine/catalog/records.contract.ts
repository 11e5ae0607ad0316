import { expect } from "chai";
import type { Catalog } from "../../../../provider/engine/catalog/catalog";
import type { ImageRecord } from "../../../../provider/engine/model";
import { Fault } from "../../../../provider/engine/violation";
import { CONTRACT_SETTINGS, failure } from "./catalog-under-test";
import type { CatalogUnderTest } from "./catalog-under-test";
import { newExport, newImage, newInstance, newShare, newVolume } from "./records";

/** A data image, as of a file. */
const DATA: Partial<ImageRecord> = { imageType: "data", architectures: ["cloudDisk"] };

/** What every catalogue keeps of what it is given. */
export function recordsContract(opened: () => CatalogUnderTest): void {
  describe("of records", () => {
    let catalog: Catalog;
    beforeEach(() => ({ catalog } = opened()));

    it("serves the regions, accounts and public catalogue that it is set up with", async () => {
      expect(catalog.regions).to.deep.equal(CONTRACT_SETTINGS.regions);
      const { images } = await catalog.snapshot();
      expect(images).to.have.length(14);
      const ubuntu = await catalog.transaction((tx) => tx.get("image", "img-pub-ubuntu-16-04"));
      expect(ubuntu).to.include({
        name: "Ubuntu 16.04 64-bit",
        visibility: "public",
        standIn: true,
        minDisk: 20,
      });
      expect(ubuntu?.architectures).to.deep.equal(["localDisk", "cloudDisk"]);
      expect(images).to.deep.include(ubuntu);
    });

    it("gives back every field of what was inserted, in a transaction and in a snapshot", async () => {
      const origin = { declaredBy: "urn:a", creationToken: "t-1", seen: false };
      const image = newImage("img-1", {
        origin,
        minRam: 512,
        maxRam: 4096,
        nicMultiqueue: true,
        sizeBytes: 12345678901,
        checksum: "sha256:00",
        source: { type: "instance", id: "i-1" },
      });
      const instance = newInstance("i-1", { imageId: "img-pub-ubuntu-16-04", origin });
      const volume = newVolume("v-1", { source: { type: "image", id: "img-data" } });
      const share = newShare("s-1", "img-1", "partner", { origin });
      const exported = newExport("exp-1", "img-1", { origin });
      await catalog.transaction((tx) => tx.insert("image", newImage("img-data", DATA)));
      const inserted = await catalog.transaction(async (tx) => ({
        instance: await tx.insert("instance", instance),
        image: await tx.insert("image", image),
        volume: await tx.insert("volume", volume),
        share: await tx.insert("share", share),
        exported: await tx.insert("export", exported),
      }));
      const read = await catalog.transaction(async (tx) => ({
        image: await tx.get("image", "img-1"),
        instance: await tx.get("instance", "i-1"),
        volume: await tx.get("volume", "v-1"),
        share: await tx.get("share", "s-1"),
        exported: await tx.get("export", "exp-1"),
      }));
      expect(read).to.deep.equal(inserted);
      expect(read.image).to.deep.include(image);
      expect(read.instance).to.deep.include(instance);
      expect(read.volume).to.deep.include(volume);
      expect(read.share).to.deep.include(share);
      expect(read.exported).to.deep.include(exported);
      const snapshot = await catalog.snapshot();
      expect(snapshot.images).to.deep.include(read.image);
      expect(snapshot.instances).to.deep.equal([read.instance]);
      expect(snapshot.volumes).to.deep.equal([read.volume]);
      expect(snapshot.shares).to.deep.equal([read.share]);
      expect(snapshot.exports).to.deep.equal([read.exported]);
    });

    it("dates records in RFC 3339 and numbers them in order of creation", async () => {
      const [first, second] = await catalog.transaction(async (tx) => [
        await tx.insert("image", newImage("img-b")),
        await tx.insert("image", newImage("img-a")),
      ]);
      expect(new Date(first!.createdAt).toISOString()).to.equal(first!.createdAt);
      expect(second!.sequence).to.be.greaterThan(first!.sequence);
      const listed = await catalog.transaction((tx) => tx.privateImages("local", "default"));
      expect(listed.map((image) => image.id)).to.deep.equal(["img-b", "img-a"]);
    });

    it("replaces only the fields that an update gives", async () => {
      await catalog.transaction((tx) =>
        tx.insert("image", newImage("img-1", { status: "creating", minRam: 512 })),
      );
      const updated = await catalog.transaction((tx) =>
        tx.update("image", "img-1", { status: "active", checksum: "sha256:11", minRam: undefined }),
      );
      expect(updated).to.include({ name: "img-1", status: "active", checksum: "sha256:11" });
      const read = await catalog.transaction((tx) => tx.get("image", "img-1"));
      expect(read).to.deep.include({ ...newImage("img-1"), status: "active", checksum: "sha256:11" });
      expect(read?.minRam).to.equal(undefined);
    });

    it("updates instances, volumes, shares and exports", async () => {
      const origin = { declaredBy: "urn:new", creationToken: "t", seen: true };
      await catalog.transaction(async (tx) => {
        await tx.insert("instance", newInstance("i-1"));
        await tx.insert("volume", newVolume("v-1"));
        await tx.insert("image", newImage("img-1"));
        await tx.insert("share", newShare("s-1", "img-1", "partner"));
        await tx.insert("export", newExport("exp-1", "img-1", { status: "creating", objects: [] }));
      });
      const { objects } = newExport("exp-1", "img-1");
      await catalog.transaction(async (tx) => {
        const disk = { id: "d", device: "/dev/vda", size: 30 };
        await tx.insert("volume", newVolume("v-2", { disk }));
        await tx.update("instance", "i-1", { imageId: "img-1", systemDisk: disk });
        await tx.update("volume", "v-1", { tags: { a: "b" } });
        await tx.update("share", "s-1", { origin });
        await tx.update("export", "exp-1", { status: "active", objects });
      });
      const { instances, volumes, shares, exports } = await catalog.snapshot();
      expect(instances[0]).to.deep.include({
        imageId: "img-1",
        systemDisk: { id: "d", device: "/dev/vda", size: 30 },
      });
      expect(volumes[0]?.tags).to.deep.equal({ a: "b" });
      expect(shares[0]?.origin).to.deep.equal(origin);
      expect(exports[0]).to.deep.include({ status: "active", objects });
    });

    it("fails to update what isn't there, and to insert an ID that is taken", async () => {
      await catalog.transaction((tx) => tx.insert("image", newImage("img-1")));
      const absent = await failure(catalog.transaction((tx) => tx.update("image", "img-0", { name: "x" })));
      expect(Fault.is(absent) && absent.message).to.equal(
        "Changing image img-0 failed: it isn't in the catalogue. Another run has deleted it, or took this one for dead: run again.",
      );
      const again = newImage("img-1", { deviceMappings: newImage("img-2").deviceMappings });
      const taken = await failure(catalog.transaction((tx) => tx.insert("image", again)));
      expect(Fault.is(taken) && taken.message).to.equal("Recording image img-1 failed: the ID is taken.");
    });

    it("deletes what is there, and does nothing where there is nothing", async () => {
      await catalog.transaction(async (tx) => {
        await tx.insert("image", newImage("img-1"));
        await tx.insert("share", newShare("s-1", "img-1", "partner"));
        await tx.insert("instance", newInstance("i-1"));
        await tx.insert("volume", newVolume("v-1"));
      });
      await catalog.transaction(async (tx) => {
        await tx.delete("share", "s-1");
        await tx.delete("image", "img-1");
        await tx.delete("instance", "i-1");
        await tx.delete("volume", "v-1");
        await tx.delete("share", "s-0");
        await tx.delete("image", "img-0");
      });
      const { images, instances, volumes, shares } = await catalog.snapshot();
      expect([...instances, ...volumes, ...shares]).to.deep.equal([]);
      expect(images.every((image) => image.visibility === "public")).to.equal(true);
    });

    it("keeps the exports of a deleted image until they are deleted themselves", async () => {
      await catalog.transaction(async (tx) => {
        await tx.insert("image", newImage("img-1"));
        await tx.insert("export", newExport("exp-1", "img-1"));
        await tx.insert("export", newExport("exp-2", "img-1"));
        await tx.delete("image", "img-1");
        await tx.delete("export", "exp-2");
        await tx.delete("export", "exp-0");
      });
      const { exports } = await catalog.snapshot();
      expect(exports.map(({ id }) => id)).to.deep.equal(["exp-1"]);
    });

    it("fails to share an image that isn't there", async () => {
      const error = await failure(
        catalog.transaction((tx) => tx.insert("share", newShare("s-1", "img-0", "partner"))),
      );
      expect(Fault.is(error) && error.message).to.equal(
        "Recording share s-1 failed: there is no image img-0.",
      );
    });
  });
}
