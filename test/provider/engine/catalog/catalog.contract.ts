import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { expect } from "chai";
import type { Catalog, ImageCriteria } from "../../../../provider/engine/catalog/catalog";
import { DEFAULT_SETTINGS, type CatalogSettings } from "../../../../provider/engine/catalog/catalog-settings";
import type { ProcessMark } from "../../../../provider/engine/catalog/process-mark";
import { markOf, thisProcess } from "../../../../provider/engine/catalog/process-mark";
import { DEFAULT_QUOTAS, type ImageRecord } from "../../../../provider/engine/model";
import { Fault } from "../../../../provider/engine/violation";
import { newExport, newImage, newInstance, newShare, newVolume } from "./records";
import { viewContract } from "./view.contract";

const accounts = ["default", "other", "partner", "friend"].map((name) => ({ name, quotas: DEFAULT_QUOTAS }));

/** What the catalogue under test is set up with; who asks is all of the accounts. */
export const CONTRACT_SETTINGS: CatalogSettings = {
  ...DEFAULT_SETTINGS,
  regions: ["local", "far", "remote"].map((name) => ({ name, accounts })),
};

export interface CatalogUnderTest {
  catalog: Catalog;
  /** The same catalogue as another process has it open. */
  openedBy(owner: ProcessMark): Catalog;
  cleanUp(): Promise<void>;
}

/** A process of this host that has lived and ended. */
export function endedProcess(): ProcessMark {
  const { pid } = spawnSync(process.execPath, ["-e", ""]);
  return { ...thisProcess(), pid: pid ?? 0, startedAt: "1" };
}

/** A data image, as of a file. */
const DATA: Partial<ImageRecord> = { imageType: "data", architectures: ["cloudDisk"] };

async function failure(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => expect.fail("nothing was thrown"),
    (error: unknown) => error,
  );
}

/** What every catalogue promises, whatever it is kept in. */
export function catalogContract(name: string, open: () => Promise<CatalogUnderTest>): void {
  describe(`${name} keeps the contract of a catalogue`, () => {
    let subject: CatalogUnderTest;
    let catalog: Catalog;
    beforeEach(async () => {
      subject = await open();
      catalog = subject.catalog;
    });
    afterEach(() => subject.cleanUp());

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
        await tx.update("instance", "i-1", {
          imageId: "img-1",
          systemDisk: { id: "d", device: "/dev/vda", size: 30 },
        });
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
        "Changing image img-0 failed: it isn't in the catalogue.",
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

    it("fails to share an image that isn't there", async () => {
      const error = await failure(
        catalog.transaction((tx) => tx.insert("share", newShare("s-1", "img-0", "partner"))),
      );
      expect(Fault.is(error) && error.message).to.equal(
        "Recording share s-1 failed: there is no image img-0.",
      );
    });

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

    it("discards the disks that no record names any more", async () => {
      await catalog.transaction(async (tx) => {
        await tx.insert("image", newImage("img-1"));
        await tx.insert("instance", newInstance("i-1"));
        await tx.insert("volume", newVolume("v-1"));
        const disks = ["disk-of-img-1", "system-of-i-1", "data-of-i-1", "disk-of-v-1", "old"];
        expect(await tx.discardDisks(disks)).to.deep.equal(["old"]);
        await tx.delete("image", "img-1");
        await tx.update("instance", "i-1", { systemDisk: { id: "rebuilt", device: "/dev/vda", size: 20 } });
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

    viewContract(() => subject);

    describe("of creations whose process has died", () => {
      const origin = { declaredBy: "urn:pulumi:dev::app::a", creationToken: "t", seen: false };
      const shared = { device: "/dev/vdb", kind: "snapshot" as const, id: "shared", size: 5 };

      beforeEach(async () => {
        const ended = subject.openedBy(endedProcess());
        await ended.transaction(async (tx) => {
          await tx.insert("image", newImage("img-1", { deviceMappings: [shared] }));
          await tx.insert(
            "image",
            newImage("img-dead", {
              status: "creating",
              origin,
              source: { type: "image", id: "img-1", conversion: true },
              architectures: ["cloudDisk"],
              deviceMappings: [{ device: "/dev/vda", kind: "snapshot", id: "half", size: 20 }, shared],
            }),
          );
          await tx.insert("instance", newInstance("i-dead", { status: "creating" }));
          await tx.insert("volume", newVolume("v-dead", { status: "creating" }));
          await tx.insert("export", newExport("exp-dead", "img-1", { status: "creating", origin }));
        });
        await ended.close();
        await catalog.transaction((tx) => tx.insert("image", newImage("img-mine", { status: "creating" })));
      });

      it("no reader returns or counts any", async () => {
        const { images, instances, volumes, exports } = await catalog.snapshot();
        expect(images.filter((i) => i.account).map((i) => i.id)).to.deep.equal(["img-1", "img-mine"]);
        expect([...instances, ...volumes, ...exports]).to.deep.equal([]);
        await catalog.transaction(async (tx) => {
          expect(await tx.get("image", "img-dead")).to.equal(undefined);
          expect(await tx.get("instance", "i-dead")).to.equal(undefined);
          expect(await tx.get("volume", "v-dead")).to.equal(undefined);
          expect(await tx.privateImageCount("local", "default")).to.equal(2);
          expect(await tx.snapshotCount("local", "default")).to.equal(1);
          expect(await tx.runningConversions("img-1")).to.deep.equal([]);
          expect(await tx.get("export", "exp-dead")).to.equal(undefined);
          expect(await tx.runningExports("img-1")).to.deep.equal([]);
          expect(await tx.exportsTo("s3://bucket/prefix")).to.deep.equal([]);
          expect(await tx.declaredBy("export", "urn:pulumi:dev::app::a")).to.deep.equal([]);
          expect(await tx.declaredBy("image", "urn:pulumi:dev::app::a")).to.deep.equal([]);
        });
        const { taken, ...read } = await catalog.read(async (view) => ({
          declared: await view.declaredIn("urn:pulumi:dev::app"),
          token: await view.withToken("image", "t"),
          holders: (await view.imagesHolding("shared")).map(({ id }) => id),
          taken: await view.placesTaken(),
        }));
        expect(read).to.deep.equal({
          declared: { images: [], instances: [], volumes: [], shares: [], exports: [] },
          token: undefined,
          holders: ["img-1"],
        });
        expect(taken).to.deep.include({
          ...{ region: "local", account: "default", privateImages: 2, snapshots: 1 },
        });
      });

      it("are told apart from what stands, with what they name, until a sweep; telling changes nothing", async () => {
        const told = await catalog.leftovers();
        const disks = Object.fromEntries(told.unfinished.map(({ id, disks }) => [id, disks]));
        expect(disks).to.deep.equal({
          "img-dead": ["half", "shared"],
          "i-dead": ["system-of-i-dead", "data-of-i-dead"],
          "v-dead": ["disk-of-v-dead"],
          "exp-dead": [],
        });
        expect(told.unfinished.find(({ id }) => id === "v-dead")).to.deep.include({
          ...{ kind: "volume", name: "v-dead", region: "local", account: "default" },
        });
        expect(told.discarded).to.deep.equal([]);
        expect(await catalog.leftovers()).to.deep.equal(told);
        const discarded = await catalog.sweep();
        const after = await catalog.leftovers();
        expect(after.unfinished).to.deep.equal([]);
        expect(after.discarded).to.have.members(discarded);
      });

      it("a sweep removes them, and names the disks that only they held until those are forgotten", async () => {
        const held = ["half", "system-of-i-dead", "data-of-i-dead", "disk-of-v-dead"];
        expect(await catalog.sweep()).to.have.members(held);
        expect(await catalog.sweep()).to.have.members(held);
        await catalog.forgetDiscarded(held);
        expect(await catalog.sweep()).to.deep.equal([]);
        const images = await catalog.transaction((tx) => tx.privateImages("local", "default"));
        expect(images.map((image) => image.id)).to.deep.equal(["img-1", "img-mine"]);
        await catalog.transaction(async (tx) => {
          await tx.insert("image", newImage("img-dead"));
          await tx.insert("export", newExport("exp-dead", "img-1"));
        });
      });

      it("a record that has become active outlives its creator", async () => {
        const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
        const other = subject.openedBy(markOf(child.pid!));
        await other.transaction((tx) => tx.insert("image", newImage("img-done", { status: "creating" })));
        expect(await catalog.transaction((tx) => tx.get("image", "img-done"))).to.include({
          status: "creating",
        });
        await other.transaction((tx) => tx.update("image", "img-done", { status: "active" }));
        await other.close();
        child.kill("SIGKILL");
        await once(child, "exit");
        await catalog.sweep();
        expect(await catalog.transaction((tx) => tx.get("image", "img-done"))).to.include({
          status: "active",
        });
      });
    });
  });
}
