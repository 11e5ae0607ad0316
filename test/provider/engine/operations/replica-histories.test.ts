import fc from "fast-check";
import { expect } from "chai";
import { disksOf } from "../../../../provider/engine/catalog/disk-references";
import type { Architecture, ImageRecord, InstanceRecord } from "../../../../provider/engine/model";
import type { Operations } from "../../../../provider/engine/engine";
import { itEmbedded, regionUnderTest } from "../../../support/regions/region-under-test";
import { needsQemu } from "../disks/disk-fixtures";
import { folderDisks, NOTHING_WRITTEN } from "../live-disks";
import type { Cells } from "../live-disks";
import { byId, up } from "../world";
import { liveWorlds } from "../worlds";
import type { LiveWorld } from "../worlds";
import { expectSoundHistories, writeCell, writeStep } from "./histories";
import type { History, WriteStep } from "./histories";
import { PLENTY } from "./live-world";

/** One step of a random history. Numbers choose among what stands. */
type Step =
  | WriteStep
  | { do: "replica"; which: number; encrypted?: boolean; quickProvisioning?: boolean }
  | { do: "system" | "full" | "data" | "conversion"; which: number }
  | { do: "instance" | "delete image" | "delete instance"; which: number };

const which = fc.nat(20);
const replica = fc.record({
  do: fc.constant("replica" as const),
  which,
  encrypted: fc.constantFrom(undefined, true, false),
  quickProvisioning: fc.constantFrom(undefined, true),
});
const makings = ["full", "system", "data", "conversion", "instance"] as const;
const deletions = ["delete image", "delete instance"] as const;
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: writeStep(2, "a", "b", "c") },
  { weight: 5, arbitrary: replica },
  { weight: 5, arbitrary: fc.record({ do: fc.constantFrom(...makings), which }) },
  { weight: 8, arbitrary: fc.record({ do: fc.constantFrom(...deletions), which }) },
);

/** What stands, what its disks should read as, and whether they are sealed. */
interface Expected<R> {
  record: R;
  cells: Cells[];
  encrypted: boolean;
}

/** Does a history on a region, beside a model of what should stand. */
class ReplicaHistory implements History<Step> {
  private images: Expected<ImageRecord>[] = [];
  private instances: Expected<InstanceRecord>[] = [];
  private names = 0;

  constructor(private readonly world: LiveWorld) {}

  async begin(): Promise<void> {
    for (const type of ["localDisk", "cloudDisk"] as Architecture[]) {
      const run = this.world.run();
      const request = run.instance(type, { systemDisk: { type }, dataDisks: [{ size: 1 }] });
      const record = await up(run.engine.instances, request);
      this.instances.push({ record, cells: [NOTHING_WRITTEN, NOTHING_WRITTEN], encrypted: false });
      const which = this.instances.length - 1;
      // The second one is stored as what differs from the first.
      await this.go({ do: "full", which });
      await this.go({ do: "write", which, disk: 1, cell: 0, letter: "d" });
      await this.go({ do: "full", which });
    }
    // Full images aren't sealed: of one that isn't full, sealed replicas can be made at once.
    await this.go({ do: "system", which: 0 });
  }

  async go(step: Step): Promise<void> {
    const run = this.world.run();
    const { engine } = run;
    const name = `n${++this.names}`;
    const image = this.images[step.which % Math.max(1, this.images.length)];
    const instance = this.instances[step.which % Math.max(1, this.instances.length)];
    switch (step.do) {
      case "write":
        return instance && this.write(instance, step);
      case "system":
      case "full":
      case "data": {
        if (!instance) return;
        const device = step.do === "data" ? { device: "/dev/vdb" } : {};
        const request = run.image(name, byId(instance.record.id), { imageType: step.do, ...device });
        const { cells, encrypted } = instance;
        const held = { full: cells, system: cells.slice(0, 1), data: cells.slice(1, 2) }[step.do];
        return this.make(engine.images, request, { cells: held, encrypted });
      }
      case "conversion": {
        const request = image && run.conversion(name, byId(image.record.id));
        return request && this.make(engine.conversions, request, image);
      }
      case "replica": {
        if (!image) return;
        const { encrypted = image.encrypted } = step;
        const options = { encrypted: step.encrypted, quickProvisioning: step.quickProvisioning };
        const request = run.replica(name, byId(image.record.id), options);
        return this.make(engine.replicas, request, { cells: image.cells, encrypted });
      }
      case "instance": {
        if (!image || image.record.imageType === "data") return;
        const [type] = image.record.architectures;
        const request = run.instance(name, { image: byId(image.record.id), systemDisk: { type: type! } });
        const record = await up(engine.instances, request);
        this.instances.push({ ...image, cells: [...image.cells], record });
        return;
      }
      case "delete image":
        if (image) await engine.images.remove(image.record.id);
        this.images = this.images.filter((each) => each !== image);
        return;
      case "delete instance":
        if (instance) await engine.instances.remove(instance.record.id);
        this.instances = this.instances.filter((each) => each !== instance);
    }
  }

  /** What the preview lets pass is made; what it refuses is refused. */
  private async make<Request>(
    operations: Operations<Request, unknown, ImageRecord>,
    request: Request,
    { cells, encrypted }: { cells: Cells[]; encrypted: boolean },
  ): Promise<void> {
    const { violations } = await operations.check(request);
    const made = await operations.create(request).catch((error: Error) => error);
    if (violations.length > 0) expect(made).to.include({ name: "ViolationError" });
    else if (made instanceof Error) throw made;
    else this.images.push({ record: made, cells: [...cells], encrypted });
  }

  private async write(instance: Expected<InstanceRecord>, step: WriteStep) {
    if (instance.encrypted) return;
    const record = (await this.world.run().engine.instances.read(instance.record.id))!;
    await writeCell(this.world.live, record, instance.cells, step);
  }

  /** Everything reads as it should and is sealed as it should be, and the store holds nothing else. */
  async expectSound(): Promise<void> {
    const snapshot = await this.world.catalog.snapshot();
    const images = snapshot.images.filter(({ visibility }) => visibility === "private");
    expect(images.map(({ id }) => id)).to.have.members(this.images.map(({ record }) => record.id));
    for (const { record, cells, encrypted } of this.images) {
      const image = images.find(({ id }) => id === record.id)!;
      expect(image).to.include({ status: "active", encrypted });
      expect(image.wrappedKey === undefined).to.equal(!encrypted);
      await this.expectContents(image, image.deviceMappings, cells);
    }
    for (const { record, cells, encrypted } of this.instances) {
      const instance = snapshot.instances.find(({ id }) => id === record.id)!;
      expect(instance).to.include({ encrypted });
      await this.expectContents(instance, [instance.systemDisk, ...instance.dataDisks], cells);
    }
    const named = [...images.flatMap(disksOf.image), ...snapshot.instances.flatMap(disksOf.instance)];
    expect(await this.world.disks.list()).to.have.members([...new Set(named)]);
    const keys = images.flatMap(({ wrappedKey }) => wrappedKey ?? []);
    expect(new Set(keys).size, "a data key for each").to.equal(keys.length);
  }

  private async expectContents(
    { wrappedKey }: { wrappedKey?: string },
    disks: readonly { id: string }[],
    cells: Cells[],
  ): Promise<void> {
    const found: Cells[] = [];
    for (const { id } of disks) found.push(await this.read(id, wrappedKey));
    expect(found).to.deep.equal(cells);
  }

  private async read(id: string, wrappedKey: string | undefined): Promise<Cells> {
    const { keys, live } = this.world;
    return live.read(id, wrappedKey === undefined ? undefined : await keys.unwrap(wrappedKey));
  }
}

const newWorld = liveWorlds();
const historyIn = (world: LiveWorld) => new ReplicaHistory(world);

describe("replicas and conversions, in whatever order they are made, used and deleted,", () => {
  it("read as their source did, sealed or not, and leave nothing", async function () {
    this.timeout(300_000);
    const { runs, maxLength } = { embedded: { runs: 150, maxLength: 25 }, team: { runs: 3, maxLength: 10 } }[
      regionUnderTest
    ];
    await expectSoundHistories(step, historyIn, () => newWorld(PLENTY), { runs, maxLength });
  });

  itEmbedded(
    "read as their source did, sealed or not, and leave nothing, on disks by qemu-img",
    async function () {
      needsQemu.call(this);
      const onFiles = async () => newWorld(PLENTY, { live: await folderDisks() });
      await expectSoundHistories(step, historyIn, onFiles, { runs: 3, maxLength: 10 });
    },
  );
});
