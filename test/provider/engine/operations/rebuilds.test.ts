import { expect } from "chai";
import { disksOf } from "../../../../provider/engine/catalog/disk-references";
import { MemoryCatalog } from "../../../../provider/engine/catalog/memory-catalog";
import type { ImageRecord, InstanceRecord } from "../../../../provider/engine/model";
import type { InstanceRequest } from "../../../../provider/engine/requests";
import { newGate } from "../../../support/gate";
import { endedProcess } from "../catalog/ended-process";
import { byId, CENTOS, golden, reasons, refusal, settingsOf, standIns, up, WINDOWS, World } from "../world";
import type { TestRun } from "../world";
import { liveWorlds, worlds } from "../worlds";
import { MemoryDiskStore } from "../../../../provider/engine/disks/memory-disk-store";

const newWorld = worlds();
const newLiveWorld = liveWorlds();

/** A declared instance, and the request by which a later run rebuilds it. */
async function declared(world: World, request: Partial<Omit<InstanceRequest, "declaration">> = {}) {
  const run = world.run();
  const asked = { systemDisk: { type: "localDisk" as const, size: 50 }, ...request };
  const first = run.instance("web", asked);
  const web = await up(run.engine.instances, first);
  const { creationToken: oldToken } = first.declaration;
  const by = (run: TestRun, image: string) =>
    run.instance("web", { ...asked, image: byId(image) }, { oldToken });
  return { web, by };
}

async function rebuilt(
  world: World,
  { web, by }: Awaited<ReturnType<typeof declared>>,
  image: string,
): Promise<InstanceRecord> {
  const run = world.run();
  const request = by(run, image);
  expect(reasons(await run.engine.instances.check(request))).to.equal("");
  return run.engine.instances.update(web.id, request);
}

async function sealedImage(world: World): Promise<ImageRecord> {
  const run = world.run();
  const { image } = await golden(run, "golden");
  return up(run.engine.replicas, run.replica("sealed", byId(image.id), { encrypted: true }));
}

/** What the store holds beyond what records name. */
async function orphans(world: World): Promise<string[]> {
  const { images, instances, volumes } = await world.catalog.snapshot();
  const named = new Set([
    ...images.flatMap(disksOf.image),
    ...instances.flatMap(disksOf.instance),
    ...volumes.flatMap(disksOf.volume),
  ]);
  return (await world.disks.list()).filter((id) => !named.has(id));
}

describe("a rebuild", () => {
  it("seals the new system disk of an instance without data disks, and unseals it again", async () => {
    const world = await newWorld();
    const sealed = await sealedImage(world);
    const web = await declared(world);
    const encrypted = await rebuilt(world, web, sealed.id);
    expect(encrypted).to.include({ encrypted: true, kmsKeyId: sealed.kmsKeyId });
    expect(encrypted.wrappedKey).to.be.a("string");
    const again = await rebuilt(world, web, sealed.id);
    expect(again.wrappedKey).to.equal(encrypted.wrappedKey);
    const plain = await rebuilt(world, web, CENTOS);
    expect(plain).to.include({ encrypted: false });
    expect([plain.kmsKeyId, plain.wrappedKey]).to.deep.equal([undefined, undefined]);
    const run = world.run();
    expect((await up(run.engine.images, run.image("after", byId(plain.id)))).encrypted).to.equal(false);
    expect(await orphans(world)).to.deep.equal([]);
  });

  it("keeps the data key of an encrypted instance, which its data disks have too", async () => {
    const world = await newWorld({ privateImages: 10 });
    const sealed = await sealedImage(world);
    const run = world.run();
    const other = await up(run.engine.replicas, run.replica("other", byId(sealed.id)));
    const web = await declared(world, { image: byId(sealed.id), dataDisks: [{ size: 1 }] });
    const { wrappedKey, kmsKeyId, dataDisks, imageId } = await rebuilt(world, web, other.id);
    expect({ wrappedKey, kmsKeyId, dataDisks, imageId }).to.deep.equal({
      wrappedKey: web.web.wrappedKey,
      kmsKeyId: web.web.kmsKeyId,
      dataDisks: web.web.dataDisks,
      imageId: other.id,
    });
    const device = { imageType: "data", device: "/dev/vdb" } as const;
    for (const request of [{}, device]) {
      const run = world.run();
      const name = `after-${Object.keys(request).length}`;
      const image = await up(run.engine.images, run.image(name, byId(web.web.id), request));
      const replica = run.replica(`plain-${name}`, byId(image.id), { encrypted: false });
      expect((await up(world.run().engine.replicas, replica)).status).to.equal("active");
    }
  });

  it("between plain and encrypted is refused where data disks are there, in the preview too", async () => {
    const world = await newWorld();
    const sealed = await sealedImage(world);
    const { web, by } = await declared(world, { dataDisks: [{ size: 1 }] });
    const run = world.run();
    const request = by(run, sealed.id);
    expect(reasons(await run.engine.instances.check(request))).to.contain("whose data disks a rebuild keeps");
    expect(await refusal(run.engine.instances.update(web.id, request))).to.contain(
      "an ImageReplica with encrypted: false",
    );
  });

  it("to a quickly provisioned image rests on it, and takes only the system disk of a full one", async () => {
    const world = await newWorld();
    const run = world.run();
    const { image } = await golden(run);
    const quick = await up(
      run.engine.replicas,
      run.replica("quick", byId(image.id), { quickProvisioning: true }),
    );
    const web = await declared(world, { dataDisks: [{ size: 3 }] });
    const [mapping] = quick.deviceMappings;
    const resting = await rebuilt(world, web, quick.id);
    expect(resting.systemDisk.basedOn).to.deep.equal([mapping!.id]);
    await world.run().engine.images.remove(quick.id);
    expect(await world.disks.stat(mapping!.id), "the layer that it needs").not.to.equal(undefined);
    const other = await up(run.engine.instances, run.instance("other", { dataDisks: [{ size: 1 }] }));
    const full = await up(run.engine.images, run.image("full", byId(other.id), { imageType: "full" }));
    const after = await rebuilt(world, web, full.id);
    expect(after.dataDisks).to.deep.equal(web.web.dataDisks);
    expect(after.systemDisk.basedOn).to.equal(undefined);
    expect(await world.disks.stat(mapping!.id)).to.equal(undefined);
    expect(await orphans(world)).to.deep.equal([]);
  });

  it("of a killed run leaves nothing once another run writes, whatever that writes", async () => {
    const world = await newWorld();
    const { web, by } = await declared(world);
    const dying = await world.openedBy(endedProcess());
    const copy = world.disks.copy.bind(world.disks);
    await new Promise<void>((died) => {
      world.disks.copy = async (...args) => {
        await copy(...args);
        died();
        return new Promise(() => undefined);
      };
      const run = dying.run();
      void run.engine.instances.update(web.id, by(run, WINDOWS));
    });
    world.disks.copy = copy;
    expect((await world.disks.list()).length, "the new disk is there").to.equal(2);
    const run = world.run();
    await run.engine.volumes.remove("vol-none");
    expect(await world.disks.list()).to.deep.equal([web.systemDisk.id]);
    expect((await world.catalog.snapshot()).volumes).to.deep.equal([]);
    expect(await run.engine.instances.read(web.id)).to.deep.equal(web);
    expect((await rebuilt(world, { web, by }, WINDOWS)).imageId).to.equal(WINDOWS);
    expect((await world.disks.list()).length).to.equal(1);
  });

  it("of a run that another one took for dead meanwhile is given up, and the instance keeps its disk", async () => {
    const world = await newWorld();
    const { web, by } = await declared(world);
    const suspended = await world.openedBy(endedProcess());
    const copy = world.disks.copy.bind(world.disks);
    world.disks.copy = async (...args) => {
      const copied = await copy(...args);
      await world.run().engine.volumes.remove("vol-none");
      return copied;
    };
    const run = suspended.run();
    const failed = run.engine.instances.update(web.id, by(run, WINDOWS)).catch((error: Error) => error);
    expect(String(await failed)).to.contain("took this one for dead");
    world.disks.copy = copy;
    expect(await world.run().engine.instances.read(web.id)).to.deep.equal(web);
    expect(await world.disks.list()).to.deep.equal([web.systemDisk.id]);
    expect((await rebuilt(world, { web, by }, WINDOWS)).imageId).to.equal(WINDOWS);
  });

  it("is refused where another run is making the instance still, and takes nothing of it", async () => {
    const world = (await newWorld()).withoutForesight();
    const copy = world.disks.copy.bind(world.disks);
    const making = world.run();
    const asked = { systemDisk: { type: "localDisk" as const, size: 50 } };
    const first = making.instance("web", asked);
    const [begun, end] = [newGate(), newGate()];
    world.disks.copy = async (...args) => {
      begun.open();
      await end.opened;
      return copy(...args);
    };
    const made = up(making.engine.instances, first);
    await begun.opened;
    const [{ id }] = (await world.catalog.snapshot()).instances as [InstanceRecord];
    const rebuild = (run: TestRun) => {
      const { creationToken: oldToken } = first.declaration;
      const request = run.instance("web", { ...asked, image: byId(WINDOWS) }, { oldToken });
      return run.engine.instances.update(id, request);
    };
    const failed = rebuild(world.run()).catch((error: Error) => error);
    expect(String(await failed)).to.contain("another run is making it still; run again");
    end.open();
    const web = await made;
    expect(await world.run().engine.instances.read(web.id)).to.deep.equal(web);
    expect(await world.disks.list()).to.deep.equal([web.systemDisk.id]);
    expect((await rebuild(world.run())).imageId).to.equal(WINDOWS);
  });

  it("beside another of the same instance is refused where that was first, and leaves nothing", async () => {
    const world = await newWorld();
    const { web, by } = await declared(world);
    const copy = world.disks.copy.bind(world.disks);
    let begun = 0;
    const bothBegun = newGate();
    world.disks.copy = async (...args) => {
      if (++begun === 2) bothBegun.open();
      await bothBegun.opened;
      return copy(...args);
    };
    const [a, b] = [world.run(), world.run()];
    const both = await Promise.allSettled([
      a.engine.instances.update(web.id, by(a, WINDOWS)),
      b.engine.instances.update(web.id, by(b, WINDOWS)),
    ]);
    expect(both.map(({ status }) => status).sort()).to.deep.equal(["fulfilled", "rejected"]);
    const refused = both.find((result) => result.status === "rejected");
    expect(String(refused?.reason)).to.contain("changed by another run meanwhile");
    expect((await world.disks.list()).length).to.equal(1);
    expect((await world.catalog.snapshot()).volumes).to.deep.equal([]);
  });

  it("that fails leaves the instance as it was", async () => {
    const world = await newLiveWorld();
    const { live } = world;
    const { web, by } = await declared(world);
    await live.write(web.systemDisk.id, 0, "x");
    const copy = live.disks.copy.bind(live.disks);
    live.disks.copy = async (...args) => {
      await copy(...args);
      throw new Error("no space left on device");
    };
    const run = world.run();
    const error = await run.engine.instances.update(web.id, by(run, WINDOWS)).catch((error: Error) => error);
    expect((error as Error).message).to.contain("no space left on device");
    expect(await world.run().engine.instances.read(web.id)).to.deep.equal(web);
    expect(await live.disks.list()).to.deep.equal([web.systemDisk.id]);
    expect(await live.read(web.systemDisk.id)).to.equal("x.......");
  });

  it("stands though the disk that it took the place of can't be removed", async () => {
    const world = await newWorld();
    const web = await declared(world);
    world.disks.remove = async () => {
      throw new Error("read-only");
    };
    const { systemDisk, imageId } = await rebuilt(world, web, WINDOWS);
    expect(imageId).to.equal(WINDOWS);
    expect(await world.disks.stat(systemDisk.id)).not.to.equal(undefined);
  });

  it("to a marketplace image is one like any other, and checks the architecture", async () => {
    const settings = settingsOf();
    const market = settings.offeredImages.map((image) =>
      image.id === WINDOWS ? { ...image, visibility: "marketplace" as const } : image,
    );
    const catalog = new MemoryCatalog({ ...settings, offeredImages: market });
    const world = new World({ catalog, disks: new MemoryDiskStore(standIns) });
    const web = await declared(world, { systemDisk: { type: "cloudDisk", size: 50 } });
    expect((await rebuilt(world, web, WINDOWS)).imageId).to.equal(WINDOWS);
    const run = world.run();
    const made = run.instance("made", { image: byId(WINDOWS), systemDisk: { type: "cloudDisk" } });
    expect((await up(run.engine.instances, made)).lineage[0]?.id).to.equal(WINDOWS);
    const only = market.map((image) => ({ ...image, architectures: ["localDisk" as const] }));
    const narrow = new World({
      catalog: new MemoryCatalog({ ...settings, offeredImages: only }),
      disks: world.disks,
    });
    const refused = narrow.run();
    expect(
      reasons(
        await refused.engine.instances.check(
          refused.instance("x", { image: byId(WINDOWS), systemDisk: { type: "cloudDisk" } }),
        ),
      ),
    ).to.contain("is a localDisk image and serves only");
  });
});
