import { expect } from "chai";
import { byId, CENTOS, golden, up, WINDOWS } from "../world";
import type { World } from "../world";
import { worlds } from "../worlds";

const newWorld = worlds();

/** The run dies there: its work never goes on. */
const never = () => new Promise<never>(() => undefined);

describe("a content that is no longer of use", () => {
  it("goes with the next run that writes where the deletion died before its removal", async () => {
    const world = await newWorld();
    const { image } = await golden(world.run());
    const content = image.deviceMappings[0]!.id;
    await dyingBeforeRemoval(world, () => world.run().engine.images.remove(image.id));
    expect((await world.catalog.leftovers()).discarded).to.deep.equal([content]);
    const next = world.run();
    await up(next.engine.volumes, next.volume("data", { size: 1 }));
    expect(await world.disks.stat(content)).to.equal(undefined);
    expect(await world.catalog.sweep()).to.deep.equal([]);
  });

  it("goes with the next run that writes where the rebuild died before its removal", async () => {
    const world = await newWorld();
    const run = world.run();
    const request = run.instance("web", {
      image: byId(CENTOS),
      systemDisk: { type: "localDisk", size: 40 },
    });
    const web = await up(run.engine.instances, request);
    const { creationToken: oldToken } = request.declaration;
    const change = run.instance("web", { ...request, image: byId(WINDOWS) }, { oldToken });
    // Its first removal is that of what an earlier rebuild may have left.
    await dyingBeforeRemoval(
      world,
      () => world.run().engine.instances.update(web.id, change),
      web.systemDisk.id,
    );
    const rebuilt = await world.run().engine.instances.read(web.id);
    expect(rebuilt?.imageId).to.equal(WINDOWS);
    expect((await world.catalog.leftovers()).discarded).to.deep.equal([web.systemDisk.id]);
    const next = world.run();
    await up(next.engine.volumes, next.volume("data", { size: 1 }));
    expect(await world.disks.stat(web.systemDisk.id)).to.equal(undefined);
    expect(await world.disks.stat(rebuilt!.systemDisk.id)).not.to.equal(undefined);
  });

  it("goes though another one can't be removed", async () => {
    const world = await newWorld();
    const run = world.run();
    const web = await up(run.engine.instances, run.instance("web", { dataDisks: [{ size: 1 }] }));
    await dyingBeforeRemoval(world, () => world.run().engine.instances.remove(web.id));
    expect((await world.catalog.leftovers()).discarded).to.have.length(2);
    const remove = world.disks.remove.bind(world.disks);
    let locked: string | undefined;
    world.disks.remove = async (id) => {
      if ((locked ??= id) === id) throw new Error("locked");
      return remove(id);
    };
    const next = world.run();
    await up(next.engine.volumes, next.volume("next", { size: 1 }));
    expect((await world.catalog.leftovers()).discarded).to.deep.equal([locked]);
  });

  it("stays while another image holds it", async () => {
    const world = await newWorld();
    const run = world.run();
    const { image } = await golden(run);
    const converted = await up(run.engine.conversions, run.conversion("cloud", byId(image.id)));
    await run.engine.images.remove(image.id);
    const next = world.run();
    await up(next.engine.volumes, next.volume("data", { size: 1 }));
    for (const { id } of converted.deviceMappings) {
      expect(await world.disks.stat(id)).not.to.equal(undefined);
    }
  });
});

/** Does a work until it removes a content, `id` where that is given, and no further. */
async function dyingBeforeRemoval(world: World, work: () => Promise<unknown>, id?: string): Promise<void> {
  const remove = world.disks.remove.bind(world.disks);
  await new Promise<void>((died, failed) => {
    world.disks.remove = (each) => {
      if (id !== undefined && each !== id) return remove(each);
      died();
      return never();
    };
    work().catch(failed);
  });
  world.disks.remove = remove;
}
