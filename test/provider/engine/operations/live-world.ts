import { expect } from "chai";
import type { Catalog } from "../../../../provider/engine/catalog/catalog";
import { disksOf } from "../../../../provider/engine/catalog/disk-references";
import { MemoryCatalog } from "../../../../provider/engine/catalog/memory-catalog";
import type { Architecture } from "../../../../provider/engine/model";
import type { LiveDisks } from "../live-disks";
import { settingsOf, up, World } from "../world";

export const PLENTY = { privateImages: 1000, snapshots: 1000 };

export function worldOf({ disks }: LiveDisks, catalog: Catalog = new MemoryCatalog(settingsOf(PLENTY))) {
  return new World({}, { catalog, disks });
}

export async function instanceWithData(world: ReturnType<typeof worldOf>, type: Architecture = "localDisk") {
  const { engine } = world.run();
  return up(
    engine.instances,
    world.run().instance("vm", { systemDisk: { type }, dataDisks: [{ size: 1 }, { size: 2 }] }),
  );
}

/** The store holds what records name, and nothing else. */
export async function expectNothingElse(world: ReturnType<typeof worldOf>): Promise<void> {
  const { images, instances, volumes } = await world.catalog.snapshot();
  const own = images.filter(({ visibility }) => visibility === "private");
  const named = [
    ...own.flatMap(disksOf.image),
    ...instances.flatMap(disksOf.instance),
    ...volumes.flatMap(disksOf.volume),
  ];
  expect(await world.disks.list()).to.have.members([...new Set(named)]);
}
