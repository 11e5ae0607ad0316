import fc from "fast-check";
import { expect } from "chai";
import { disksOf } from "../../../../provider/engine/catalog/disk-references";
import { MemoryCatalog } from "../../../../provider/engine/catalog/memory-catalog";
import type { Architecture, ImageRecord, InstanceRecord } from "../../../../provider/engine/model";
import { needsQemu } from "../disks/disk-fixtures";
import { folderDisks, memoryDisks, NOTHING_WRITTEN, CELLS } from "../live-disks";
import type { Cells, LiveDisks } from "../live-disks";
import { byId, byName, CENTOS, reasons, refusal, settingsOf, up, World } from "../world";

const PLENTY = { privateImages: 1000, snapshots: 1000 };

function worldOf({ disks }: LiveDisks) {
  return new World({}, { catalog: new MemoryCatalog(settingsOf(PLENTY)), disks });
}

async function instanceWithData(
  world: World<MemoryCatalog, LiveDisks["disks"]>,
  type: Architecture = "localDisk",
) {
  const { engine } = world.run();
  return up(
    engine.instances,
    world.run().instance("vm", { systemDisk: { type }, dataDisks: [{ size: 1 }, { size: 2 }] }),
  );
}

describe("full images", () => {
  it("hold all disks of an instance: an image file and snapshots, or snapshots only", async () => {
    for (const type of ["localDisk", "cloudDisk"] as const) {
      const world = worldOf(memoryDisks());
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
    const live = memoryDisks();
    const world = worldOf(live);
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
    const live = memoryDisks();
    const world = worldOf(live);
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
    const world = worldOf(memoryDisks());
    const vm = await instanceWithData(world);
    const run = world.run();
    const requests = ["a", "b", "c"].map((name) => run.image(name, byId(vm.id), { imageType: "full" }));
    requests.push(run.image("system", byId(vm.id)));
    for (const request of requests) expect(reasons(await run.engine.images.check(request))).to.equal("");
    const made = await Promise.all(requests.map((request) => run.engine.images.create(request)));
    expect(made.map(({ status }) => status)).to.deep.equal(["active", "active", "active", "active"]);
  });

  it("are refused of a volume, of a file, and of an encrypted instance", async () => {
    const world = worldOf(memoryDisks());
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
    const world = new World({ snapshots: 3 });
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
    const live = memoryDisks();
    const world = worldOf(live);
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
    const live = memoryDisks();
    const world = worldOf(live);
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

/** One step of a random history. Numbers choose among what stands. */
type Step =
  | { do: "write"; which: number; disk: number; cell: number; letter: string }
  | { do: "full" | "system" | "delete image" | "delete instance" | "instance"; which: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("write" as const),
      which: fc.nat(20),
      disk: fc.nat(2),
      cell: fc.nat(CELLS - 1),
      letter: fc.constantFrom("a", "b", "c", "d"),
    }),
  },
  ...(["full", "full", "system", "delete image", "delete image", "delete instance", "instance"] as const).map(
    (kind) => ({ weight: 1, arbitrary: fc.record({ do: fc.constant(kind), which: fc.nat(20) }) }),
  ),
);

/** What stands, and what its disks should read as. */
interface Expected<R> {
  record: R;
  cells: Cells[];
}

/** Does a history on a region, beside a model of what should stand. */
class History {
  private readonly world;
  private images: Expected<ImageRecord>[] = [];
  private instances: Expected<InstanceRecord>[] = [];
  private names = 0;

  constructor(private readonly live: LiveDisks) {
    this.world = worldOf(live);
  }

  async begin(): Promise<void> {
    const record = await instanceWithData(this.world);
    this.instances.push({ record, cells: [NOTHING_WRITTEN, NOTHING_WRITTEN, NOTHING_WRITTEN] });
  }

  async go(step: Step): Promise<void> {
    const { engine } = this.world.run();
    const ofImages = step.do === "instance" || step.do === "delete image";
    const standing: Expected<ImageRecord | InstanceRecord>[] = ofImages ? this.images : this.instances;
    const chosen = standing[step.which % Math.max(1, standing.length)];
    if (!chosen) return;
    const name = `n${++this.names}`;
    const reference = byId(chosen.record.id);
    const run = this.world.run();
    if (step.do === "write") return this.write(chosen as Expected<InstanceRecord>, step);
    if (step.do === "delete image") {
      await engine.images.remove(chosen.record.id);
      this.images = this.images.filter((image) => image !== chosen);
    } else if (step.do === "delete instance") {
      await engine.instances.remove(chosen.record.id);
      this.instances = this.instances.filter((instance) => instance !== chosen);
    } else if (step.do === "instance") {
      const record = await up(engine.instances, run.instance(name, { image: reference }));
      this.instances.push({ record, cells: [...chosen.cells] });
    } else {
      const record = await up(engine.images, run.image(name, reference, { imageType: step.do }));
      this.images.push({ record, cells: step.do === "full" ? [...chosen.cells] : chosen.cells.slice(0, 1) });
    }
  }

  private async write(instance: Expected<InstanceRecord>, { disk, cell, letter }: Step & { do: "write" }) {
    const { systemDisk, dataDisks } = (await this.world.run().engine.instances.read(instance.record.id))!;
    const disks = [systemDisk, ...dataDisks];
    const index = disk % disks.length;
    await this.live.write(disks[index]!.id, cell, letter);
    const cells = instance.cells[index]!;
    instance.cells[index] = cells.slice(0, cell) + letter + cells.slice(cell + 1);
  }

  /** Everything reads as it should, and the store holds nothing else. */
  async expectSound(): Promise<void> {
    const { images, instances } = await this.world.catalog.snapshot();
    const made = images.filter(({ visibility }) => visibility === "private");
    expect(made.map(({ id }) => id)).to.have.members(this.images.map(({ record }) => record.id));
    for (const image of made) {
      const expected = this.images.find(({ record }) => record.id === image.id)!;
      const ids = image.deviceMappings.map(({ id }) => id);
      expect(await Promise.all(ids.map((id) => this.live.read(id)))).to.deep.equal(expected.cells);
    }
    for (const instance of instances) {
      const expected = this.instances.find(({ record }) => record.id === instance.id)!;
      const cells: Cells[] = [];
      for (const { id } of [instance.systemDisk, ...instance.dataDisks]) cells.push(await this.live.read(id));
      expect(cells).to.deep.equal(expected.cells);
    }
    const named = new Set([...made.flatMap(disksOf.image), ...instances.flatMap(disksOf.instance)]);
    expect(await this.live.disks.list()).to.have.members([...named]);
  }
}

async function expectSoundHistories(disksOf: () => Promise<LiveDisks>, runs: number, maxLength: number) {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength }), async (steps) => {
      const live = await disksOf();
      try {
        const history = new History(live);
        await history.begin();
        for (const step of steps) {
          await history.go(step);
          await history.expectSound();
        }
      } finally {
        await live.dispose();
      }
    }),
    { numRuns: runs },
  );
}

describe("images and instances, in whatever order they are made, written and deleted,", () => {
  it("read as they should and leave nothing, in memory", async function () {
    this.timeout(60_000);
    await expectSoundHistories(async () => memoryDisks(), 150, 30);
  });

  it("read as they should and leave nothing, on disks by qemu-img", async function () {
    needsQemu.call(this);
    this.timeout(120_000);
    await expectSoundHistories(folderDisks, 4, 14);
  });
});
