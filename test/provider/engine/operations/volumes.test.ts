import { expect } from "chai";
import { byId, CENTOS, reasons, up, World } from "../world";

describe("volumes", () => {
  it("are blank disks of the size stated", async () => {
    const world = new World();
    const run = world.run();
    const volume = await up(run.engine.volumes, run.volume("data", { size: 3, tags: { a: "b" } }));
    expect(volume).to.deep.include({ name: "data", status: "available", tags: { a: "b" }, lineage: [] });
    expect((await world.disks.stat(volume.disk.id))?.virtualBytes).to.equal(3 * 2 ** 30);
    await run.engine.volumes.remove(volume.id, { account: "default" });
    expect(await world.disks.stat(volume.disk.id)).to.equal(undefined);
  });

  it("are refused without a size, with a bad one, and from an image of a system disk", async () => {
    const run = new World().run();
    const check = async (request: object) =>
      reasons(await run.engine.volumes.check(run.volume("data", request)));
    expect(await check({})).to.contain("size: A blank volume needs a size");
    expect(await check({ size: 1.5 })).to.contain("whole GiB from 1 to 16000");
    expect(await check({ image: byId(CENTOS) })).to.contain("makes no volumes");
  });

  it("change their name and tags in place", async () => {
    const world = new World();
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
});
