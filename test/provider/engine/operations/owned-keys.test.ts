import { expect } from "chai";
import { MemoryKeyVault } from "../../../../provider/engine/keys/memory/memory-key-vault";
import type { KeyService } from "../../../../provider/engine/keys/key-service";
import type { ImageRecord } from "../../../../provider/engine/model";
import { Fault } from "../../../../provider/engine/violation";
import { fault, refused } from "../keys/key-service.contract";
import { describeForVaults } from "../keys/vaults";
import { ACCOUNT, byId, golden, reasons, refusal, REGION, up } from "../world";
import type { World } from "../world";
import { worlds } from "../worlds";

const owner = { region: REGION, account: ACCOUNT };

const newWorld = worlds();
const PLACES = { privateImages: 100, snapshots: 100 };

/** An encrypted image, and so many more of it. */
async function sealedImages(world: World, count: number): Promise<ImageRecord[]> {
  const run = world.run();
  const { image } = await golden(run);
  const sealed = await up(run.engine.replicas, run.replica("sealed-0", byId(image.id), { encrypted: true }));
  const made = [sealed];
  for (let number = 1; number < count; number++)
    made.push(await up(run.engine.replicas, run.replica(`sealed-${number}`, byId(sealed.id))));
  return made;
}

async function versions(world: World): Promise<string[]> {
  const { images, instances, volumes } = await world.catalog.snapshot();
  return [...images, ...instances, ...volumes].flatMap(({ wrappedKey }) => wrappedKey?.split(".")[2] ?? []);
}

describeForVaults("master keys over the whole life of an image", (open) => {
  let world: World;
  let keys: KeyService;
  beforeEach(async () => {
    world = await newWorld(PLACES, { vault: open() });
    keys = world.keys;
  });
  afterEach(() => keys.close());

  const instanceOf = ({ id }: ImageRecord, name: string) => {
    const run = world.run();
    return { run, request: run.instance(name, { image: byId(id) }) };
  };

  it("make an image unusable at once while they are disabled, and usable again once enabled", async () => {
    const [sealed] = (await sealedImages(world, 1)) as [ImageRecord];
    const before = instanceOf(sealed, "before");
    expect((await up(before.run.engine.instances, before.request)).encrypted).to.equal(true);
    // Checked while the key was enabled, made when it no longer is.
    const meanwhile = instanceOf(sealed, "meanwhile");
    expect((await meanwhile.run.engine.instances.check(meanwhile.request)).violations).to.deep.equal([]);
    await world.run().engine.keys(owner).disable(sealed.kmsKeyId!);
    expect(await refusal(meanwhile.run.engine.instances.create(meanwhile.request))).to.contain("is disabled");
    const during = instanceOf(sealed, "during");
    expect(reasons(await during.run.engine.instances.check(during.request))).to.contain("is disabled");
    expect((await world.catalog.snapshot()).instances.map(({ name }) => name)).to.have.members([
      "golden-vm",
      "before",
    ]);
    await world.run().engine.keys(owner).enable(sealed.kmsKeyId!);
    const after = instanceOf(sealed, "after");
    expect((await up(after.run.engine.instances, after.request)).encrypted).to.equal(true);
  });

  it("are rotated without touching a disk: every data key is wrapped anew, and opens what it opened", async () => {
    const images = await sealedImages(world, 3);
    const id = images[0]!.kmsKeyId!;
    const vm = instanceOf(images[0]!, "vm");
    await up(vm.run.engine.instances, vm.request);
    const [contents, opened] = [await world.disks.list(), await keys.unwrap(images[0]!.wrappedKey!)];
    expect(await world.run().engine.keys(owner).rotate(id)).to.deep.include({ count: 4 });
    expect(await versions(world)).to.deep.equal(["2", "2", "2", "2"]);
    expect(await world.disks.list()).to.deep.equal(contents);
    const rewrapped = await world.catalog.snapshot();
    const image = rewrapped.images.find(({ id }) => id === images[0]!.id)!;
    expect(await keys.unwrap(image.wrappedKey!)).to.deep.equal(opened);
    expect({ ...image, wrappedKey: "" }).to.deep.equal({
      ...images[0]!,
      wrappedKey: "",
      origin: image.origin,
    });
    const late = instanceOf(images[1]!, "late");
    expect((await up(late.run.engine.instances, late.request)).encrypted).to.equal(true);
    expect(await world.run().engine.keys(owner).rewrap(id)).to.deep.include({ count: 0 });
  });
});

/** Fails after so many uses, as a token that is pulled out. */
class FailingVault extends MemoryKeyVault {
  left = Infinity;
  override async wrap(...args: Parameters<MemoryKeyVault["wrap"]>): Promise<Buffer> {
    if (this.left-- <= 0) throw new Fault("Using the token", { says: "it is gone" });
    return super.wrap(...args);
  }
}

describe("an account's master keys", () => {
  it("carry on a rotation that was cut off, and tell how much was left", async () => {
    const vault = new FailingVault();
    const world = await newWorld(PLACES, { vault });
    const images = await sealedImages(world, 20);
    const id = images[0]!.kmsKeyId!;
    vault.left = 5;
    const says = await fault(world.run().engine.keys(owner).rotate(id));
    expect(says).to.contain("it is gone").and.contain("5 were").and.contain(`images keys rewrap ${id}`);
    const [use] = await world.run().engine.keys(owner).list();
    expect(use).to.deep.include({ older: 15 });
    expect(use!.key.version).to.equal(2);
    vault.left = Infinity;
    expect(await world.run().engine.keys(owner).rewrap(id)).to.deep.include({ count: 15 });
    expect(new Set(await versions(world))).to.deep.equal(new Set(["2"]));
    expect((await world.run().engine.keys(owner).list())[0]!.older).to.equal(0);
  });

  it("leave be what was deleted or wrapped anew by others meanwhile", async () => {
    const world = await newWorld(PLACES);
    const images = await sealedImages(world, 10);
    const id = images[0]!.kmsKeyId!;
    const rotations = [1, 2, 3].map(() => world.run().engine.keys(owner).rotate(id));
    await world.run().engine.images.remove(images[9]!.id, { account: ACCOUNT });
    await Promise.all(rotations);
    await world.run().engine.keys(owner).rewrap(id);
    expect(await versions(world)).to.deep.equal(Array(9).fill("4"));
  });

  it("hold the key that seals disks only if that is asked for, and never let a program name it", async () => {
    const world = await newWorld(PLACES);
    const { keys } = world;
    const { id } = await keys.sealingKey(owner);
    const own = world.run().engine.keys(owner);
    expect(await own.list()).to.deep.equal([]);
    expect((await own.list({ sealing: true })).map(({ key }) => key.id)).to.deep.equal([id]);
    expect((await own.rotate(id)).key.version).to.equal(2);
    expect(await refused(own.disable(id))).to.contain("seals all disks");
    const run = world.run();
    const { image } = await golden(run);
    const request = run.replica("sealed", byId(image.id), { encrypted: true, kmsKeyId: id });
    expect(reasons(await run.engine.replicas.check(request))).to.contain(`There is no master key ${id}`);
  });

  it("refuse to wrap anew by a key of another account, or one that isn't there", async () => {
    const world = await newWorld(PLACES);
    const { keys } = world;
    const { id } = await keys.create({ ...owner, account: "team-1" });
    for (const verb of ["rotate", "rewrap"] as const) {
      expect(await refused(world.run().engine.keys(owner)[verb](id))).to.contain("belongs to account team-1");
      const absent = world.run().engine.keys(owner)[verb]("key-none");
      expect(await refused(absent)).to.contain("There is no master key key-none");
    }
  });
});
