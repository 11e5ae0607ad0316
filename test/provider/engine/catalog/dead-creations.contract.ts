import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect } from "chai";
import type { Catalog } from "../../../../provider/engine/catalog/catalog";
import { markOf } from "../../../../provider/engine/catalog/process-mark";
import type { CatalogUnderTest } from "./catalog-under-test";
import { endedProcess } from "./ended-process";
import { newExport, newImage, newInstance, newVolume } from "./records";

/** What every catalogue makes of creations whose process has died. */
export function deadCreationsContract(opened: () => CatalogUnderTest): void {
  describe("of creations whose process has died", () => {
    let subject: CatalogUnderTest;
    let catalog: Catalog;
    beforeEach(() => {
      subject = opened();
      catalog = subject.catalog;
    });

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
}
