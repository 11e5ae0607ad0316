import { expect } from "chai";
import type { LiveDisks } from "../live-disks";
import { newGate } from "../../../support/gate";
import { byId, byName, CENTOS, reasons, refusal, up } from "../world";
import type { World } from "../world";
import { liveWorlds, worlds } from "../worlds";
import { expectNothingElse, instanceWithData, PLENTY } from "./live-world";

const newWorld = worlds();
const newLiveWorld = liveWorlds();

describe("full images", () => {
  it("hold all disks of an instance: an image file and snapshots, or snapshots only", async () => {
    for (const type of ["localDisk", "cloudDisk"] as const) {
      const world = await newLiveWorld(PLENTY);
      const vm = await instanceWithData(world, type);
      const run = world.run();
      const image = await up(run.engine.images, run.image("all", byId(vm.id), { imageType: "full" }));
      expect(image.deviceMappings.map(({ device, kind, size }) => [device, kind, size])).to.deep.equal([
        ["/dev/vda", type === "localDisk" ? "imageFile" : "snapshot", 20],
        ["/dev/vdb", "snapshot", 1],
        ["/dev/vdc", "snapshot", 2],
      ]);
      expect(image).to.include({ status: "active", imageType: "full" });
      expect(image.checksum, "of the first").to.be.a("string");
      expect(image.scratch).to.equal(undefined);
      expect((await run.engine.lookups.quotas({})).snapshots.used).to.equal(type === "localDisk" ? 2 : 3);
    }
  });

  it("after the first hold only what has changed, and have no checksum", async () => {
    const world = await newLiveWorld(PLENTY);
    const vm = await instanceWithData(world);
    const take = async (name: string) => {
      const run = world.run();
      return up(run.engine.images, run.image(name, byId(vm.id), { imageType: "full" }));
    };
    const first = await take("first");
    const second = await take("second");
    expect(second.checksum).to.equal(undefined);
    second.deviceMappings.forEach(({ basedOn }, index) =>
      expect(basedOn).to.deep.equal([first.deviceMappings[index]!.id]),
    );
    expect(second.sizeBytes).to.equal(0);
    const after = (await world.run().engine.instances.read(vm.id))!;
    expect(after.systemDisk.basedOn).to.deep.equal([
      second.deviceMappings[0]!.id,
      first.deviceMappings[0]!.id,
    ]);
  });

  it("begin anew with a whole copy where a chain would have more than 16 layers", async () => {
    const world = await newLiveWorld(PLENTY);
    const vm = await instanceWithData(world);
    const depths: number[] = [];
    for (let count = 0; count < 18; count++) {
      const run = world.run();
      const image = await up(run.engine.images, run.image(`i${count}`, byId(vm.id), { imageType: "full" }));
      depths.push(image.deviceMappings[1]!.basedOn?.length ?? 0);
      const { systemDisk } = (await world.run().engine.instances.read(vm.id))!;
      expect(systemDisk.basedOn!.length).to.be.at.most(16);
    }
    expect(depths).to.deep.equal([...Array(16).keys(), 0, 1]);
  });

  it("of one instance in one program are made one after the other", async () => {
    const world = await newLiveWorld(PLENTY);
    const vm = await instanceWithData(world);
    const run = world.run();
    const requests = ["a", "b", "c"].map((name) => run.image(name, byId(vm.id), { imageType: "full" }));
    requests.push(run.image("system", byId(vm.id)));
    for (const request of requests) expect(reasons(await run.engine.images.check(request))).to.equal("");
    const made = await Promise.all(requests.map((request) => run.engine.images.create(request)));
    expect(made.map(({ status }) => status)).to.deep.equal(["active", "active", "active", "active"]);
  });

  it("are refused of a volume, of a file, and of an encrypted instance", async () => {
    const world = await newLiveWorld(PLENTY);
    const run = world.run();
    const volume = await up(run.engine.volumes, run.volume("data", { size: 1 }));
    const ofVolume = run.image("full", undefined, { volume: byId(volume.id), imageType: "full" });
    expect(reasons(await run.engine.images.check(ofVolume))).to.match(
      /^imageType: A full image holds system and data disks together, and volume data .* is one disk/,
    );
    expect(await refusal(run.engine.images.create(ofVolume))).to.contain("is one disk");
    const plain = await up(run.engine.instances, run.instance("plain"));
    const image = await up(run.engine.images, run.image("golden", byId(plain.id)));
    const sealed = await up(run.engine.replicas, run.replica("sealed", byId(image.id), { encrypted: true }));
    const vm = await up(run.engine.instances, run.instance("sealed-vm", { image: byId(sealed.id) }));
    const full = run.image("full", byId(vm.id), { imageType: "full" });
    expect(reasons(await run.engine.images.check(full))).to.contain("the instance is encrypted");
    expect(await refusal(run.engine.images.create(full))).to.contain("the instance is encrypted");
  });

  it("are refused where the snapshots don't suffice, each data disk counted, planned or present", async () => {
    const world = await newWorld({ snapshots: 3 });
    const run = world.run();
    await run.engine.instances.check(run.instance("vm", { dataDisks: [{ size: 1 }, { size: 1 }] }));
    const planned = byName("vm");
    const first = run.image("first", planned, { imageType: "full" });
    expect(reasons(await run.engine.images.check(first))).to.equal("");
    const second = run.image("second", planned, { imageType: "full" });
    expect(reasons(await run.engine.images.check(second))).to.contain(
      "0 exist and 4 are planned in this run, which makes 4",
    );
  });

  it("make instances with all their disks, which stand by themselves, and the blank ones stated after them", async () => {
    const world = await newLiveWorld(PLENTY);
    const { live } = world;
    const vm = await instanceWithData(world);
    await live.write(vm.dataDisks[1]!.id, 3, "x");
    const run = world.run();
    const image = await up(run.engine.images, run.image("all", byId(vm.id), { imageType: "full" }));
    const request = run.instance("copy", { image: byId(image.id), dataDisks: [{ size: 5 }] });
    const copy = await up(run.engine.instances, request);
    expect(copy.dataDisks.map(({ device, size, fromImage }) => [device, size, fromImage])).to.deep.equal([
      ["/dev/vdb", 1, true],
      ["/dev/vdc", 2, true],
      ["/dev/vdd", 5, undefined],
    ]);
    expect(copy.dataDisks.every(({ basedOn }) => basedOn === undefined)).to.equal(true);
    await run.engine.images.remove(image.id);
    await run.engine.instances.remove(vm.id);
    expect(await live.read(copy.dataDisks[1]!.id)).to.equal("...x....");
    const later = world.run();
    const { creationToken: oldToken } = request.declaration;
    const rebuilt = later.instance("copy", { ...request, image: byId(CENTOS) }, { oldToken });
    expect(reasons(await later.engine.instances.check(rebuilt))).to.equal("");
    expect((await later.engine.instances.update(copy.id, rebuilt)).dataDisks).to.deep.equal(copy.dataDisks);
  });

  it("leave the instance as it was where they fail, and nothing of themselves", async () => {
    const world = await newLiveWorld(PLENTY);
    const { live } = world;
    const vm = await instanceWithData(world);
    const before = (await live.disks.list()).sort();
    const overlay = live.disks.overlay.bind(live.disks);
    let overlays = 0;
    live.disks.overlay = async (...args) => {
      if (++overlays === 2) throw new Error("no space left on device");
      return overlay(...args);
    };
    const run = world.run();
    const request = run.image("all", byId(vm.id), { imageType: "full" });
    const error = await up(run.engine.images, request).catch((error: Error) => error);
    expect((error as Error).message).to.contain("no space left on device");
    expect((await live.disks.list()).sort()).to.deep.equal(before);
    expect(await world.run().engine.instances.read(vm.id)).to.deep.equal(vm);
  });
});

describe("what is being copied", () => {
  /** A run that copies a disk waits until the others are done with it. */
  async function meanwhile<T>(live: LiveDisks, copying: () => Promise<T>, others: () => Promise<unknown>) {
    live.disks.foresee = undefined;
    const copy = live.disks.copy.bind(live.disks);
    const [begun, end] = [newGate(), newGate()];
    live.disks.copy = async (...args) => {
      begun.open();
      await end.opened;
      return copy(...args);
    };
    const result = copying();
    await begun.opened;
    live.disks.copy = copy;
    await others();
    end.open();
    return result;
  }

  it("stays until it is, though its instance moves on to another disk or is deleted", async () => {
    for (const change of ["full image", "deletion"]) {
      const world = await newLiveWorld(PLENTY);
      const { live } = world;
      const vm = await instanceWithData(world);
      await live.write(vm.systemDisk.id, 2, "x");
      const run = world.run();
      const image = await meanwhile(
        live,
        () => up(run.engine.images, run.image("system", byId(vm.id))),
        async () => {
          const other = world.run();
          if (change === "deletion") return other.engine.instances.remove(vm.id);
          return up(other.engine.images, other.image("full", byId(vm.id), { imageType: "full" }));
        },
      );
      expect(await live.read(image.deviceMappings[0]!.id)).to.equal("..x.....");
      expect(image.scratch).to.equal(undefined);
      await expectNothingElse(world);
    }
  });

  it("stays until it is, though its image is deleted", async () => {
    const world = await newLiveWorld(PLENTY);
    const { live } = world;
    const vm = await instanceWithData(world);
    await live.write(vm.dataDisks[0]!.id, 1, "y");
    const run = world.run();
    const device = { imageType: "data", device: "/dev/vdb" } as const;
    const data = await up(run.engine.images, run.image("data", byId(vm.id), device));
    const full = await up(run.engine.images, run.image("full", byId(vm.id), { imageType: "full" }));
    const volume = await meanwhile(
      live,
      () => up(run.engine.volumes, run.volume("volume", { image: byId(data.id) })),
      () => world.run().engine.images.remove(data.id),
    );
    const copy = await meanwhile(
      live,
      () => up(run.engine.instances, run.instance("copy", { image: byId(full.id) })),
      () => world.run().engine.images.remove(full.id),
    );
    expect(await live.read(volume.disk.id)).to.equal(".y......");
    expect(await live.read(copy.dataDisks[0]!.id)).to.equal(".y......");
    await expectNothingElse(world);
  });

  it("by a full image keeps its instance and the image itself from every other run until it is done", async () => {
    const world = await newLiveWorld(PLENTY);
    const { live } = world;
    const vm = await instanceWithData(world);
    const overlay = live.disks.overlay.bind(live.disks);
    const refused: string[] = [];
    live.disks.overlay = async (...args) => {
      live.disks.overlay = overlay;
      const { engine, image } = other(world);
      const full = image("other", byId(vm.id), { imageType: "full" });
      refused.push(reasons(await engine.images.check(full)));
      refused.push(await refusal(engine.images.create(full)));
      refused.push(await refusal(engine.instances.remove(vm.id)));
      const [made] = (await world.catalog.snapshot()).images.filter(({ name }) => name === "late");
      refused.push(await refusal(engine.images.remove(made!.id)));
      return overlay(...args);
    };
    const run = world.run();
    await up(run.engine.images, run.image("late", byId(vm.id), { imageType: "full" }));
    const [inPreview, atCreate, instance, image] = refused;
    expect(inPreview).to.match(/^instanceId: Instance vm .* is being frozen for a full image, late/);
    expect(atCreate).to.equal(inPreview);
    expect(instance).to.match(/^Instance vm .* is being frozen for a full image/);
    expect(image).to.match(/^Image late .* is still being made/);
    await expectNothingElse(world);
  });
});

function other(world: World) {
  const run = world.run();
  return { engine: run.engine, image: run.image.bind(run) };
}
