import { expect } from "chai";
import { ACCOUNT, byId, golden, reasons, refusal, up, urn } from "../world";
import { worlds } from "../worlds";

const newWorld = worlds();

describe("private images", () => {
  it("hold a cloud system disk as a snapshot, which counts", async () => {
    const world = await newWorld();
    const run = world.run();
    const { image } = await golden(run, "cloud", "cloudDisk");
    expect(image.deviceMappings[0]).to.include({ device: "/dev/vda", kind: "snapshot" });
    expect((await run.engine.lookups.quotas({})).snapshots.used).to.equal(1);
  });

  it("are refused where the snapshots are used up, with the images that hold them", async () => {
    const run = (await newWorld({ snapshots: 1 })).run();
    const { image, instance } = await golden(run, "cloud", "cloudDisk");
    const found = reasons(await run.engine.images.check(run.image("more", byId(instance.id))));
    expect(found).to.contain("1 snapshot, one for each disk").and.to.contain(`cloud (${image.id})`);
    expect(found).to.contain("1 exists and 1 is planned in this run, which makes 2");
  });

  it("are refused without a source, and with two", async () => {
    const run = (await newWorld()).run();
    const { instance } = await golden(run);
    const check = async (request: object) =>
      reasons(await run.engine.images.check({ ...run.image("x", undefined), ...request }));
    expect(await check({})).to.contain("State exactly one of instanceId, volumeId, imageFile");
    expect(await check({ instance: byId(instance.id), volume: byId("vol-1") })).to.contain(
      "Keep one of them",
    );
    expect(await check({ instance: byId(instance.id), imageFile: "/disk.raw" })).to.contain(
      "instanceId, imageFile are all stated",
    );
  });

  it("are refused from an instance that isn't there, is another account's, or another region's", async () => {
    const world = await newWorld();
    const { instance } = await golden(world.run());
    const check = async (id: string, place: object) => {
      const run = world.run();
      return reasons(await run.engine.images.check(run.image("x", byId(id), {}, place)));
    };
    expect(await check("i-none", {})).to.contain("There is no instance i-none in region local");
    expect(await check(instance.id, { account: "team-1" })).to.contain(
      "belongs to account default, and this resource to account team-1",
    );
    expect(await check(instance.id, { region: "remote" })).to.contain(
      "is in region local, and this resource is in region remote",
    );
    expect(await check(instance.id, { region: "mars" })).to.contain("There is no region mars");
    expect(await check(instance.id, { account: "nobody" })).to.contain("Region local has no account nobody");
  });

  it("can't be smaller than the disk that they hold", async () => {
    const run = (await newWorld()).run();
    const { instance } = await golden(run);
    const found = await run.engine.images.check(
      run.image("x", byId(instance.id), { minDisk: 10, minRam: 4096, maxRam: 1024 }),
    );
    expect(reasons(found)).to.contain(
      "minDisk 10 is less than the 20 GiB of the system disk of instance golden-vm",
    );
    expect(reasons(found)).to.contain("minRam 4096 is more than maxRam 1024");
  });

  it("change their settings in place, and only by their owner", async () => {
    const world = await newWorld();
    const { image, instance } = await golden(world.run());
    const run = world.run();
    const settings = {
      name: "renamed",
      description: "d",
      minDisk: 100,
      tags: { team: "a" },
      nicMultiqueue: true,
    };
    const request = run.image("golden", byId(instance.id), settings, {
      oldToken: image.origin!.creationToken,
    });
    expect(reasons(await run.engine.images.check(request))).to.equal("");
    const changed = await run.engine.images.update(image.id, request);
    expect(changed).to.deep.include({ ...settings, id: image.id, checksum: image.checksum });
    const member = world.run({ account: "team-1" });
    const theirs = member.image("golden", byId(instance.id), settings);
    expect(await refusal(member.engine.images.update(image.id, theirs))).to.contain(
      "account team-1 can't change it",
    );
  });

  it("that are gone are named so by an update, and read as gone", async () => {
    const world = await newWorld();
    const { image, instance } = await golden(world.run());
    await world.run().engine.images.remove(image.id);
    const run = world.run();
    expect(await run.engine.images.read(image.id)).to.equal(undefined);
    const update = run.engine.images.update(image.id, run.image("golden", byId(instance.id)));
    expect(await refusal(update)).to.contain(`The image ${image.id} is gone`);
    await run.engine.images.remove(image.id);
  });

  it("aren't deleted while they have members, unless their shares go with them", async () => {
    const world = await newWorld();
    const run = world.run();
    const { image } = await golden(run);
    await up(run.engine.shares, run.share("s1", byId(image.id), "team-1"));
    await up(run.engine.shares, run.share("s2", byId(image.id), "team-2"));
    expect(await refusal(run.engine.images.remove(image.id))).to.contain(
      "is shared with 2 accounts: team-1, team-2",
    );
    await run.engine.images.remove(image.id, { onDelete: "unshare" });
    expect((await world.catalog.snapshot()).shares).to.deep.equal([]);
    for (const { id } of image.deviceMappings) expect(await world.disks.stat(id)).to.equal(undefined);
  });

  it("aren't deleted by a member, nor by a run that only reads", async () => {
    const world = await newWorld();
    const run = world.run();
    const { image } = await golden(run);
    await up(run.engine.shares, run.share("s1", byId(image.id), "team-1"));
    const member = world.run({ account: "team-1" });
    const removal = member.engine.images.remove(image.id, { account: "team-1", onDelete: "unshare" });
    expect(await refusal(removal)).to.contain("account team-1 can't delete it");
    expect(await member.engine.images.read(image.id)).not.to.equal(undefined);
  });

  it("stay where another declaration has taken them over since the state that deletes was written", async () => {
    const world = await newWorld();
    const { image } = await golden(world.run());
    const run = world.run();
    const { creationToken } = image.origin!;
    await run.engine.images.remove(image.id, { onDelete: "retain" });
    await up(run.engine.images, run.image("taken", undefined, { adoptId: image.id }));
    await run.engine.images.remove(image.id, { creationToken });
    expect((await world.run().engine.images.read(image.id))?.origin?.declaredBy).to.equal(urn("taken"));
    const change = run.image("golden", undefined, { name: "other" }, { oldToken: creationToken });
    expect(await refusal(run.engine.images.update(image.id, change))).to.contain(
      `was taken over by ${urn("taken")} and is no longer this resource's`,
    );
  });

  it("can't be taken over from a declaration that has just made them", async () => {
    const world = await newWorld();
    const { image } = await golden(world.run());
    const run = world.run();
    expect(
      await refusal(up(run.engine.images, run.image("taken", undefined, { adoptId: image.id }))),
    ).to.contain(`is declared by ${urn("golden")} already`);
  });

  it("are read, where an account is named, only as it sees them", async () => {
    const world = await newWorld();
    const { image } = await golden(world.run());
    const run = world.run();
    const { images, shares } = run.engine;
    expect(await images.read(image.id, ACCOUNT)).to.include({ id: image.id });
    expect(await images.read(image.id, "team-1")).to.equal(undefined);
    await up(shares, run.share("shared", byId(image.id), "team-1"));
    expect(await images.read(image.id, "team-1")).to.include({ id: image.id });
  });

  it("stand undeclared where they are retained", async () => {
    const world = await newWorld();
    const run = world.run();
    const { image } = await golden(run);
    await run.engine.images.remove(image.id, { onDelete: "retain" });
    const { images } = await world.catalog.snapshot();
    const retained = images.find(({ id }) => id === image.id);
    expect(retained).not.to.equal(undefined);
    expect(retained?.origin).to.equal(undefined);
    const again = world.run();
    expect((await up(again.engine.images, again.image("golden", byId(image.source!.id)))).id).not.to.equal(
      image.id,
    );
  });

  it("are judged again in the transaction that takes the place", async () => {
    const world = await newWorld({ privateImages: 1 });
    const vm = await up(world.run().engine.instances, world.run().instance("vm"));
    const [a, b] = [world.run(), world.run()];
    const first = a.image("a", byId(vm.id));
    const second = b.image("b", byId(vm.id));
    expect(reasons(await a.engine.images.check(first))).to.equal("");
    expect(reasons(await b.engine.images.check(second))).to.equal("");
    await a.engine.images.create(first);
    expect(await refusal(b.engine.images.create(second))).to.contain("1 exists and 1 is planned");
  });

  it("are named for the resource, and carry who declared them", async () => {
    const run = (await newWorld()).run();
    const { image } = await golden(run, "golden");
    expect(image.name).to.equal("golden");
    expect(image.origin?.declaredBy).to.equal(urn("golden"));
  });
});
