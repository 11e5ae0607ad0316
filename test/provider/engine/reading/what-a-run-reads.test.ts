import { expect } from "chai";
import { byId, byName, golden, reasons, refusal, up, WINDOWS } from "../world";
import type { Declaration } from "../../../../provider/engine/requests";
import type { ImageRecord, World } from "../world";
import { worlds } from "../worlds";

const newWorld = worlds();

/** A resource of another stack. */
const elsewhere = (name: string) => ({ declaredBy: `urn:pulumi:prod::project::images:Thing::${name}` });

/** A region in which another stack has an instance and `count` images of it. */
async function withImagesElsewhere(count: number, quotas = {}) {
  const world = await newWorld(quotas);
  const run = world.run();
  const vm = await up(run.engine.instances, run.instance("vm", {}, elsewhere("vm")));
  const images: ImageRecord[] = [];
  for (let i = 1; i <= count; i++) {
    const declaration = elsewhere(`image-${i}`);
    images.push(await up(run.engine.images, run.image(`image-${i}`, byId(vm.id), {}, declaration)));
  }
  await run.engine.close();
  return { world, vm, images };
}

/** Counts the reads of a world's catalogue, and of all of it. */
function counting({ catalog }: World) {
  const counted = { reads: 0, snapshots: 0 };
  const { read, snapshot } = catalog;
  catalog.read = (work) => {
    counted.reads++;
    return read.call(catalog, work) as ReturnType<typeof work>;
  };
  catalog.snapshot = () => {
    counted.snapshots++;
    return snapshot.call(catalog);
  };
  return counted;
}

describe("what a run reads", () => {
  it("is its stack and the places taken, once: checks of what stands ask no more", async () => {
    const world = await newWorld();
    const first = world.run();
    const vm = first.instance("vm");
    const { id } = await up(first.engine.instances, vm);
    const requests = ["a", "b", "c"].map((name) => first.image(name, byId(id)));
    for (const request of requests) await up(first.engine.images, request);
    await first.engine.close();

    const counted = counting(world);
    const run = world.run();
    const oldToken = vm.declaration.creationToken;
    await run.engine.instances.check(run.instance("vm", {}, { oldToken }));
    for (const { declaration } of requests) {
      const again = run.image("x", byId(id), {}, { ...declaration, oldToken: declaration.creationToken });
      expect(reasons(await run.engine.images.check(again))).to.equal("");
    }
    expect(counted).to.deep.equal({ reads: 1, snapshots: 0 });
  });

  it("is never the whole catalogue for a check, a creation, a change, a read or a deletion", async () => {
    const { world, vm } = await withImagesElsewhere(2);
    const counted = counting(world);
    const run = world.run();
    const request = run.image("new", byId(vm.id));
    const image = await up(run.engine.images, request);
    const share = await up(run.engine.shares, run.share("share", byId(image.id), "team-1"));
    await run.engine.images.read(image.id);
    const { creationToken: oldToken } = request.declaration;
    await run.engine.images.update(image.id, run.image("new", byId(vm.id), {}, { oldToken }));
    await run.engine.shares.remove(share.id);
    await run.engine.images.remove(image.id);
    expect(counted.snapshots).to.equal(0);
    await run.engine.lookups.images({ id: image.id, tags: { any: "thing" } } as object);
    await run.engine.lookups.images({ visibility: "public" });
    await run.engine.lookups.images({});
    expect(counted.snapshots).to.equal(0);
    await run.engine.lookups.lineage({});
    await run.engine.lookups.lineage({});
    expect(counted.snapshots).to.equal(1);
  });

  it("is an account's images once, however many lookups have only a pattern, or find nothing", async () => {
    const { world } = await withImagesElsewhere(2);
    const counted = counting(world);
    const { lookups } = world.run().engine;
    const names = async (filter: object) => (await lookups.images(filter)).map(({ image }) => image.name);
    expect(await names({ nameRegex: "^image-" })).to.have.members(["image-1", "image-2"]);
    const { reads } = counted;
    expect(await names({ nameRegex: "1$", visibility: "private" })).to.deep.equal(["image-1"]);
    expect(await refusal(lookups.image({ name: "image-3" }))).to.contain("image image-2");
    expect(counted).to.deep.equal({ reads, snapshots: 0 });
  });

  it("is each thing of another stack once, those of checks that are asked together at one moment", async () => {
    const { world, images } = await withImagesElsewhere(3, { privateImages: 9 });
    const counted = counting(world);
    const run = world.run();
    const check = (name: string, image: ImageRecord) =>
      run.engine.instances.check(run.instance(name, { image: byId(image.id) }));
    await Promise.all(images.map((image, index) => check(`vm-${index}`, image)));
    expect(counted.reads).to.equal(1);
    for (const [index, image] of images.entries()) await check(`again-${index}`, image);
    expect(counted.reads).to.equal(1);
  });

  it("is what its stack was made of elsewhere, all at one moment: checks of what stands ask no more", async () => {
    const { world, vm, images } = await withImagesElsewhere(3, { privateImages: 9 });
    const first = world.run();
    const [golden, shared, exported] = images as [ImageRecord, ImageRecord, ImageRecord];
    const instance = first.instance("web", { image: byId(golden.id) });
    const image = first.image("copy", byId(vm.id));
    const share = first.share("share", byId(shared.id), "team-1");
    const conversion = first.conversion("cloud", byId(exported.id));
    await up(first.engine.instances, instance);
    await up(first.engine.images, image);
    await up(first.engine.shares, share);
    await up(first.engine.conversions, conversion);
    await first.engine.close();

    const counted = counting(world);
    const { engine } = world.run();
    const again = <R extends { declaration: Declaration }>(request: R): R => ({
      ...request,
      declaration: { ...request.declaration, oldToken: request.declaration.creationToken },
    });
    expect(reasons(await engine.instances.check(again(instance)))).to.equal("");
    expect(reasons(await engine.images.check(again(image)))).to.equal("");
    expect(reasons(await engine.shares.check(again(share)))).to.equal("");
    expect(reasons(await engine.conversions.check(again(conversion)))).to.equal("");
    await engine.close();
    expect(counted).to.deep.equal({ reads: 2, snapshots: 0 });
  });

  it("isn't needed to count: places of images that weren't read are taken all the same", async () => {
    const { world, vm, images } = await withImagesElsewhere(4);
    const run = world.run();
    expect(reasons(await run.engine.images.check(run.image("fifth", byId(vm.id))))).to.equal("");
    const found = reasons(await run.engine.images.check(run.image("sixth", byId(vm.id))));
    expect(found).to.contain("4 exist and 2 are planned in this run, which makes 6");
    const named = images.map(({ id, name }) => `${name} (${id})`);
    expect(found).to.contain(`${named.join(", ")}, fifth (planned in this run)`);
  });

  it("doesn't count again what the run has counted or made itself", async () => {
    const { world, vm, images } = await withImagesElsewhere(2);
    const run = world.run();
    await run.engine.instances.check(run.instance("web", { image: byId(images[0]!.id) }));
    const made = await up(run.engine.images, run.image("third", byId(vm.id)));
    // Read by others in the meantime, too.
    await run.engine.lookups.images({});
    expect(await run.engine.images.read(made.id)).to.include({ id: made.id });
    const { privateImages, snapshots } = await run.engine.lookups.quotas({});
    expect([privateImages.used, snapshots.used]).to.deep.equal([3, 0]);
    await run.engine.images.remove(images[1]!.id);
    await run.engine.images.remove(made.id);
    expect((await run.engine.lookups.quotas({})).privateImages.used).to.equal(1);
    const other = world.run();
    expect((await other.engine.lookups.quotas({})).privateImages.used).to.equal(1);
  });

  it("holds the snapshots taken that a conversion of another stack shares with what is given back", async () => {
    const world = await newWorld({ snapshots: 4 });
    const before = world.run();
    const vm = await up(before.engine.instances, before.instance("vm", { dataDisks: [{ size: 1 }] }));
    const request = before.image("full", byId(vm.id), { imageType: "full" });
    const full = await up(before.engine.images, request);
    await up(before.engine.conversions, before.conversion("cloud", byId(full.id), {}, elsewhere("cloud")));
    const used = (await world.run().engine.lookups.quotas({})).snapshots.used;
    expect(used, "the data disk's snapshot, which both hold, and the converted system disk's").to.equal(2);
    await before.engine.close();

    const run = world.run();
    const { creationToken: oldToken } = request.declaration;
    const asked = { imageType: "full" as const };
    await run.engine.images.check(run.image("full", byId(vm.id), asked, { oldToken }));
    const dbr = run.image("full", byId(vm.id), asked, { deleteBeforeReplace: true });
    expect(reasons(await run.engine.images.check(dbr))).to.equal("");
    const cloud = { systemDisk: { type: "cloudDisk" as const }, dataDisks: [{ size: 1 }] };
    const other = await up(run.engine.instances, run.instance("other", cloud));
    const more = await run.engine.images.check(run.image("more", byId(other.id), { imageType: "full" }));
    expect(reasons(more)).to.contain("which makes 5");
  });

  it("is what the state knows, also where its stack or project had another name", async () => {
    const { world, vm, images } = await withImagesElsewhere(5);
    const tokens = images.map(({ origin }) => origin!.creationToken);
    const run = world.run();
    const kept = await run.engine.images.check(
      run.image("image-1", byId(vm.id), {}, { oldToken: tokens[0] }),
    );
    expect(kept.gone).to.equal(undefined);
    expect(reasons(kept)).to.equal("");
    const dbr = { deleteBeforeReplace: true };
    await run.engine.images.check(run.image("image-1", byId("i-else"), {}, { oldToken: tokens[0] }));
    const found = reasons(await run.engine.images.check(run.image("image-1", byId(vm.id), {}, dbr)));
    expect(found).to.contain("which makes 6");
  });

  it("is of others' shares with a member no more than that they are taken", async () => {
    const world = await newWorld({ acceptedShares: 2 });
    const other = world.run({ account: "team-2" });
    const { image } = await golden(other, "theirs");
    await up(other.engine.shares, other.share("theirs-1", byId(image.id), "team-1", {}, elsewhere("s")));
    const run = world.run();
    const mine = await golden(run, "mine");
    await up(run.engine.shares, run.share("first", byId(mine.image.id), "team-1"));
    const second = await golden(run, "second");
    expect(
      reasons(await run.engine.shares.check(run.share("second", byId(second.image.id), "team-1"))),
    ).to.contain("which makes 3");
  });

  it("takes in what another stack's declaration made, asked for by its name", async () => {
    const { world, vm } = await withImagesElsewhere(1);
    const run = world.run();
    const { facts } = await run.engine.images.check(
      run.image("again", { ...byName("x"), declaredBy: vm.origin!.declaredBy }),
    );
    expect(facts.architecture).to.equal("localDisk");
    expect(reasons(await run.engine.instances.check(run.instance("w", { image: byId(WINDOWS) })))).to.equal(
      "",
    );
  });
});
