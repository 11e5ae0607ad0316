import { expect } from "chai";
import { disksOf } from "../../../../provider/engine/catalog/disk-references";
import type { Architecture } from "../../../../provider/engine/model";
import { up } from "../world";
import type { World } from "../world";

export const PLENTY = { privateImages: 1000, snapshots: 1000 };

export async function instanceWithData(world: World, type: Architecture = "localDisk") {
  const { engine } = world.run();
  return up(
    engine.instances,
    world.run().instance("vm", { systemDisk: { type }, dataDisks: [{ size: 1 }, { size: 2 }] }),
  );
}

/** The store holds what records name, and nothing else. */
export async function expectNothingElse(world: World): Promise<void> {
  const { images, instances, volumes } = await world.catalog.snapshot();
  const own = images.filter(({ visibility }) => visibility === "private");
  const named = [
    ...own.flatMap(disksOf.image),
    ...instances.flatMap(disksOf.instance),
    ...volumes.flatMap(disksOf.volume),
  ];
  expect(await world.disks.list()).to.have.members([...new Set(named)]);
}
