import { expect } from "chai";
import { thisProcess } from "../../../../provider/engine/catalog/process-mark";
import { Fault } from "../../../../provider/engine/violation";
import { newGate } from "../../../support/gate";
import { byId, reasons, up } from "../world";
import { worlds } from "../worlds";

const newWorld = worlds();

describe("a creation", () => {
  it("of a process that died gives its place and its content back to the next run that writes", async () => {
    const world = (await newWorld({ privateImages: 1 })).withoutForesight();
    const vm = await up(world.run().engine.instances, world.run().instance("vm"));
    // Its start is none that this process had: it has died.
    const dead = await world.openedBy({ ...thisProcess(), startedAt: "0" });
    const run = dead.run();
    const copy = world.disks.copy.bind(world.disks);
    const copied = newGate();
    world.disks.copy = async (...args) => {
      await copy(...args);
      copied.open();
      return new Promise(() => undefined);
    };
    const contents: string[] = [];
    const remove = world.disks.remove.bind(world.disks);
    world.disks.remove = async (id) => {
      contents.push(id);
      await remove(id);
    };
    void run.engine.images.create(run.image("cut-off", byId(vm.id)));
    await copied.opened;
    world.disks.copy = copy;

    const next = world.run();
    const image = await up(next.engine.images, next.image("next", byId(vm.id)));
    expect(contents).to.have.length(1);
    expect(contents[0]).to.match(/^file-/);
    const { images } = await world.catalog.snapshot();
    expect(images.filter(({ visibility }) => visibility === "private").map(({ id }) => id)).to.deep.equal([
      image.id,
    ]);
  });

  it("tells how far it is", async () => {
    const run = (await newWorld()).withoutForesight().run();
    const vm = await up(run.engine.instances, run.instance("vm"));
    const told: string[] = [];
    const request = run.image("golden", byId(vm.id));
    await run.engine.images.create(request, (doing, fraction) => told.push(`${doing}: ${fraction}`));
    expect(told.at(-1)).to.equal(`copying the system disk of instance vm (${vm.id}): 1`);
  });

  it("that fails and can't be cleared away says what is left", async () => {
    const world = (await newWorld()).withoutForesight();
    const run = world.run();
    const vm = await up(run.engine.instances, run.instance("vm"));
    world.disks.copy = async () => {
      world.catalog.transaction = async () => {
        throw new Error("the catalogue is gone");
      };
      throw new Error("the disk is full");
    };
    const error = await run.engine.images
      .create(run.image("golden", byId(vm.id)))
      .catch((error: unknown) => error);
    expect(Fault.is(error)).to.equal(true);
    expect((error as Error).message).to.match(
      /the disk is full\. The half-made image img-\w+ is left, .*the catalogue is gone/,
    );
  });

  it("that fails where no content can be removed either leaves it to a later run, in whose way it isn't", async () => {
    const world = (await newWorld()).withoutForesight();
    const run = world.run();
    const vm = await up(run.engine.instances, run.instance("vm"));
    const { copy, remove } = world.disks;
    world.disks.copy = async (...args) => {
      await copy.apply(world.disks, args);
      throw new Error("the disk is full");
    };
    world.disks.remove = async () => {
      throw new Error("the disk is gone");
    };
    const error = await run.engine.images
      .create(run.image("golden", byId(vm.id)))
      .catch((error: unknown) => error);
    expect((error as Error).message).to.match(/the disk is full\.$/);
    const left = (await world.catalog.leftovers()).discarded;
    expect(left).to.have.length(1);

    const next = world.run();
    await up(next.engine.volumes, next.volume("data", { size: 1 }));
    expect((await world.catalog.leftovers()).discarded).to.deep.equal(left);
    world.disks.remove = remove;
    const later = world.run();
    await up(later.engine.volumes, later.volume("more", { size: 1 }));
    expect((await world.catalog.leftovers()).discarded).to.deep.equal([]);
  });

  it("passes a check where nothing can be written, and marks nothing", async () => {
    const world = await newWorld();
    const before = world.run();
    const request = before.instance("vm");
    await up(before.engine.instances, request);
    world.catalog.markSeen = async () => {
      throw new Error("read-only");
    };
    const run = world.run();
    const kept = run.instance("vm", {}, { oldToken: request.declaration.creationToken });
    expect(reasons(await run.engine.instances.check(kept))).to.equal("");
    await run.engine.close();
  });
});
