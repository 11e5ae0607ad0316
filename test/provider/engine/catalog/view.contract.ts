import { expect } from "chai";
import type { CatalogSnapshot } from "../../../../provider/engine/catalog/catalog";
import type { CatalogUnderTest } from "./catalog-under-test";
import { newExport, newImage, newInstance, newShare, newVolume } from "./records";

let tokens = 0;

function declared(declaredBy: string) {
  return { origin: { declaredBy, creationToken: `view-${++tokens}`, seen: false } };
}

function snapshot(id: string) {
  return { device: "/dev/vdb", kind: "snapshot" as const, id, size: 5 };
}

function ids(records: CatalogSnapshot): Record<string, string[]> {
  const kinds = Object.entries(records) as [string, readonly { id: string }[]][];
  return Object.fromEntries(kinds.map(([kind, all]) => [kind, all.map(({ id }) => id)]));
}

/** What a run asks of every catalogue beyond its rules' questions. */
export function viewContract(subject: () => CatalogUnderTest): void {
  describe("to a run that reads", () => {
    it("answers a rule's questions as in a transaction", async () => {
      const { catalog } = subject();
      await catalog.transaction(async (tx) => {
        await tx.insert("image", newImage("img-1"));
        await tx.insert("share", newShare("s-1", "img-1", "partner"));
      });
      const read = await catalog.read(async (view) => ({
        image: await view.get("image", "img-1"),
        offered: await view.get("image", "img-pub-ubuntu-16-04"),
        shares: await view.sharesOfImage("img-1"),
        accepted: await view.acceptedShareCount("local", "partner"),
        absent: await view.get("volume", "v-none"),
      }));
      expect(read.image).to.deep.include(newImage("img-1"));
      expect(catalog.offeredImages).to.deep.include(read.offered);
      expect(read.shares.map(({ id }) => id)).to.deep.equal(["s-1"]);
      expect(read.accepted).to.equal(1);
      expect(read.absent).to.equal(undefined);
    });

    it("shows one moment, whatever is committed meanwhile", async () => {
      const { catalog } = subject();
      await catalog.transaction((tx) => tx.insert("image", newImage("img-1")));
      let committing: Promise<unknown> | undefined;
      const counts = await catalog.read(async (view) => {
        const before = await view.privateImages("local", "default");
        committing = catalog.transaction((tx) => tx.insert("image", newImage("img-2")));
        // Some catalogues let it in now, and some when this is over.
        await Promise.race([committing, new Promise((resolve) => setTimeout(resolve, 50))]);
        return [before.length, (await view.privateImages("local", "default")).length];
      });
      await committing;
      expect(counts).to.deep.equal([1, 1]);
      expect(await catalog.read((view) => view.privateImageCount("local", "default"))).to.equal(2);
    });

    it("finds a record of each kind by its creation token, whether a later run has seen it or not", async () => {
      const { catalog } = subject();
      const by = { image: declared("urn:a"), instance: declared("urn:b"), share: declared("urn:c") };
      await catalog.transaction(async (tx) => {
        await tx.insert("image", newImage("img-1", by.image));
        await tx.insert("instance", newInstance("i-1", by.instance));
        await tx.insert("share", newShare("s-1", "img-1", "partner", by.share));
      });
      await catalog.markSeen([by.image.origin.creationToken]);
      const found = await catalog.read(async (view) => [
        await view.withToken("image", by.image.origin.creationToken),
        await view.withToken("instance", by.instance.origin.creationToken),
        await view.withToken("share", by.share.origin.creationToken),
        await view.withToken("volume", by.instance.origin.creationToken),
        await view.withToken("export", "none"),
      ]);
      expect(found.map((record) => record?.id)).to.deep.equal(["img-1", "i-1", "s-1", undefined, undefined]);
    });

    it("lists all that a stack has declared, oldest first, and nothing of a stack with a similar name", async () => {
      const { catalog } = subject();
      const own = (name: string) => declared(`urn:pulumi:dev::app::images:Image::${name}`);
      const others = [
        "urn:pulumi:dev::app2::images:Image::b",
        "urn:pulumi:dev2::app::images:Image::b",
        "urn:pulumi:dev::ap::images:Image::b",
        "urn:pulumi:dev::app:b",
        "urn:pulumi:dev::app",
      ];
      await catalog.transaction(async (tx) => {
        await tx.insert("image", newImage("img-z", own("z")));
        await tx.insert("image", newImage("img-a", own("é")));
        await tx.insert("instance", newInstance("i-1", own("vm")));
        await tx.insert("volume", newVolume("v-1", own("data")));
        await tx.insert("share", newShare("s-1", "img-a", "partner", own("share")));
        await tx.insert("export", newExport("exp-1", "img-a", own("export")));
        for (const [index, urn] of others.entries())
          await tx.insert("image", newImage(`img-${index}`, { account: "other", ...declared(urn) }));
        await tx.insert("image", newImage("img-undeclared"));
      });
      expect(ids(await catalog.read((view) => view.declaredIn("urn:pulumi:dev::app")))).to.deep.equal({
        ...{ images: ["img-z", "img-a"], instances: ["i-1"], volumes: ["v-1"] },
        ...{ shares: ["s-1"], exports: ["exp-1"] },
      });
      expect(ids(await catalog.read((view) => view.declaredIn("urn:pulumi:none::app")))).to.deep.equal({
        ...{ images: [], instances: [], volumes: [], shares: [], exports: [] },
      });
    });

    it("counts the places of every account as they are taken and given back, a shared snapshot once", async () => {
      const { catalog } = subject();
      const conversion = {
        source: { type: "image" as const, id: "img-1", conversion: true },
        architectures: ["cloudDisk" as const],
      };
      await catalog.transaction(async (tx) => {
        await tx.insert("image", newImage("img-1", { deviceMappings: [snapshot("s-a"), snapshot("s-b")] }));
        await tx.insert(
          "image",
          newImage("img-2", { ...conversion, deviceMappings: [snapshot("s-b"), snapshot("s-c")] }),
        );
        await tx.insert("image", newImage("img-3", { account: "other", deviceMappings: [snapshot("s-d")] }));
        await tx.insert("image", newImage("img-4", { account: "other", status: "creating" }));
      });
      const taken = async () => {
        const places = await catalog.read((view) => view.placesTaken());
        return places
          .filter(({ privateImages }) => privateImages > 0)
          .map(({ region, account, privateImages, snapshots }) => [region, account, privateImages, snapshots])
          .sort();
      };
      expect(await taken()).to.deep.equal([
        ["local", "default", 2, 3],
        ["local", "other", 2, 1],
      ]);
      expect((await catalog.read((view) => view.imagesHolding("s-b"))).map(({ id }) => id)).to.deep.equal([
        "img-1",
        "img-2",
      ]);
      await catalog.transaction(async (tx) => {
        await tx.delete("image", "img-1");
        await tx.delete("image", "img-3");
      });
      expect(await taken()).to.deep.equal([
        ["local", "default", 1, 2],
        ["local", "other", 1, 0],
      ]);
      expect((await catalog.read((view) => view.imagesHolding("s-b"))).map(({ id }) => id)).to.deep.equal([
        "img-2",
      ]);
    });
  });
}
