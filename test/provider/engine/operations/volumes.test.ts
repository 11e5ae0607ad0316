import { expect } from "chai";
import { byId, CENTOS, reasons, up } from "../world";
import { worlds } from "../worlds";

const newWorld = worlds();

describe("volumes", () => {
  it("are blank disks of the size stated", async () => {
    const world = await newWorld();
    const run = world.run();
    const volume = await up(run.engine.volumes, run.volume("data", { size: 3, tags: { a: "b" } }));
    expect(volume).to.deep.include({ name: "data", status: "available", tags: { a: "b" }, lineage: [] });
    expect((await world.disks.stat(volume.disk.id))?.virtualBytes).to.equal(3 * 2 ** 30);
    await run.engine.volumes.remove(volume.id, { account: "default" });
    expect(await world.disks.stat(volume.disk.id)).to.equal(undefined);
  });

  it("are refused without a size, with a bad one, and from an image of a system disk", async () => {
    const run = (await newWorld()).run();
    const check = async (request: object) =>
      reasons(await run.engine.volumes.check(run.volume("data", request)));
    expect(await check({})).to.contain("size: A blank volume needs a size");
    expect(await check({ size: 1.5 })).to.contain("whole GiB from 1 to 16000");
    expect(await check({ image: byId(CENTOS) })).to.contain("makes no volumes");
  });

  it("change their name and tags in place", async () => {
    const world = await newWorld();
    const before = world.run();
    const request = before.volume("data", { size: 3 });
    const volume = await up(before.engine.volumes, request);
    const run = world.run();
    const change = run.volume(
      "data",
      { size: 3, name: "renamed" },
      { oldToken: request.declaration.creationToken },
    );
    expect(reasons(await run.engine.volumes.check(change))).to.equal("");
    expect(await run.engine.volumes.update(volume.id, change)).to.include({ id: volume.id, name: "renamed" });
  });

  it("are made by a member from a shared data image, and outlive it", async () => {
    const world = await newWorld();
    const owner = world.run();
    const vm = await up(owner.engine.instances, owner.instance("vm", { dataDisks: [{ size: 2 }] }));
    const device = { imageType: "data", device: "/dev/vdb" } as const;
    const image = await up(owner.engine.images, owner.image("data", byId(vm.id), device));
    const unseen = world.run({ account: "team-1" });
    const request = unseen.volume("copy", { image: byId(image.id), size: 3 });
    expect(reasons(await unseen.engine.volumes.check(request))).to.contain(
      "isn't shared with account team-1",
    );
    await up(owner.engine.shares, owner.share("to-1", byId(image.id), "team-1"));
    const member = world.run({ account: "team-1" });
    const volume = await up(member.engine.volumes, member.volume("copy", { image: byId(image.id), size: 3 }));
    await world.run().engine.images.remove(image.id, { onDelete: "unshare" });
    expect(await world.disks.stat(volume.disk.id)).to.include({ virtualBytes: 3 * 2 ** 30 });
    expect(volume.lineage.map(({ type }) => type)).to.deep.equal(["image", "instance", "image"]);
  });

  it("that a run was cut off from are adopted only where size and image are the same", async () => {
    const world = await newWorld();
    const before = world.run();
    const source = await up(before.engine.volumes, before.volume("source", { size: 1 }));
    const image = await up(
      before.engine.images,
      before.image("data", undefined, { volume: byId(source.id) }),
    );
    const made = async (request: object) => {
      const run = world.run();
      return (await up(run.engine.volumes, run.volume("volume", request))).id;
    };
    const blank = await made({ size: 1 });
    const filled = await made({ size: 1, image: byId(image.id) });
    expect(filled).not.to.equal(blank);
    expect(await made({ size: 1 })).to.equal(blank);
    expect(await made({ size: 1, image: byId(image.id) })).to.equal(filled);
    expect([blank, filled]).not.to.include(await made({ size: 2 }));
  });
});
