import fc from "fast-check";
import { expect } from "chai";
import type { ImageRecord, InstanceRecord } from "../../../../provider/engine/model";
import { NOTHING_WRITTEN } from "../live-disks";
import type { Cells } from "../live-disks";
import { byId, up } from "../world";
import type { LiveWorld } from "../worlds";
import { writeCell, writeStep } from "./histories";
import type { History, WriteStep } from "./histories";
import { expectNothingElse, instanceWithData } from "./live-world";

/** One step of a random history. Numbers choose among what stands. */
export type ImageStep =
  WriteStep | { do: "full" | "system" | "delete image" | "delete instance" | "instance"; which: number };

export const imageStep: fc.Arbitrary<ImageStep> = fc.oneof(
  { weight: 4, arbitrary: writeStep(3, "a", "b", "c", "d") },
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
export class ImageHistory implements History<ImageStep> {
  private images: Expected<ImageRecord>[] = [];
  private instances: Expected<InstanceRecord>[] = [];
  private names = 0;

  constructor(private readonly world: LiveWorld) {}

  async begin(): Promise<void> {
    const record = await instanceWithData(this.world);
    this.instances.push({ record, cells: [NOTHING_WRITTEN, NOTHING_WRITTEN, NOTHING_WRITTEN] });
  }

  async go(step: ImageStep): Promise<void> {
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

  private async write(instance: Expected<InstanceRecord>, step: WriteStep) {
    const standing = (await this.world.run().engine.instances.read(instance.record.id))!;
    await writeCell(this.world.live, standing, instance.cells, step);
  }

  /** Everything reads as it should, and the store holds nothing else. */
  async expectSound(): Promise<void> {
    const { images, instances } = await this.world.catalog.snapshot();
    const made = images.filter(({ visibility }) => visibility === "private");
    expect(made.map(({ id }) => id)).to.have.members(this.images.map(({ record }) => record.id));
    for (const image of made) {
      const expected = this.images.find(({ record }) => record.id === image.id)!;
      const ids = image.deviceMappings.map(({ id }) => id);
      expect(await Promise.all(ids.map((id) => this.world.live.read(id)))).to.deep.equal(expected.cells);
    }
    for (const instance of instances) {
      const expected = this.instances.find(({ record }) => record.id === instance.id)!;
      const cells: Cells[] = [];
      for (const { id } of [instance.systemDisk, ...instance.dataDisks])
        cells.push(await this.world.live.read(id));
      expect(cells).to.deep.equal(expected.cells);
    }
    await expectNothingElse(this.world);
  }
}
