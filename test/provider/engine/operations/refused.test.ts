import { expect } from "chai";
import { byId, byName, golden, reasons } from "../world";
import { worlds } from "../worlds";

const newWorld = worlds();

describe("a refused declaration", () => {
  it("holds no place: what comes after it is judged as though it weren't there", async () => {
    const run = (await newWorld({ privateImages: 1 })).run();
    await run.engine.instances.check(run.instance("vm"));
    const refused = await run.engine.images.check(run.image("bad", byName("vm"), { name: "a/b" }));
    expect(reasons(refused)).to.contain("can't be a name");
    expect(reasons(await run.engine.images.check(run.image("good", byName("vm"))))).to.equal("");
    const more = reasons(await run.engine.images.check(run.image("more", byName("vm"))));
    expect(more).to.contain("0 exist and 2 are planned").and.to.contain("held by good (planned in this run)");
    expect(more).not.to.contain("bad");
  });

  it("is still what others refer to: they are judged by what it would be", async () => {
    const run = (await newWorld()).run();
    const vm = run.instance("vm", { name: "a/b", systemDisk: { type: "cloudDisk" } });
    expect(reasons(await run.engine.instances.check(vm))).to.contain("can't be a name");
    const { facts, violations } = await run.engine.images.check(run.image("golden", byName("vm")));
    expect(violations).to.deep.equal([]);
    expect(facts).to.include({ architecture: "cloudDisk", osName: "CentOS" });
  });

  it("holds its place once a second check of it finds nothing wrong", async () => {
    const run = (await newWorld({ privateImages: 1 })).run();
    await run.engine.instances.check(run.instance("vm"));
    await run.engine.images.check(run.image("golden", byName("vm"), { name: "a/b" }));
    expect(reasons(await run.engine.images.check(run.image("golden", byName("vm"))))).to.equal("");
    const more = reasons(await run.engine.images.check(run.image("more", byName("vm"))));
    expect(more).to.contain("held by golden (planned in this run)");
  });

  it("shares with nobody: the member's places stay free", async () => {
    const world = await newWorld({ acceptedShares: 1 });
    const { image } = await golden(world.run());
    const run = world.run();
    const check = async (id: string) =>
      reasons(await run.engine.shares.check(run.share(id, byId(id), "team-1")));
    expect(await check("img-none")).to.contain("There is no image img-none");
    expect(await check(image.id)).to.equal("");
  });

  it("that would take over what stands leaves that its place", async () => {
    const world = await newWorld({ privateImages: 2 });
    const before = world.run();
    const { image } = await golden(before);
    await before.engine.images.remove(image.id, { onDelete: "retain" });
    const run = world.run();
    const adopted = run.image("other", byId("i-other"), { adoptId: image.id });
    expect(reasons(await run.engine.images.check(adopted))).to.contain("is taken over as it stands");
    await run.engine.instances.check(run.instance("vm"));
    expect(reasons(await run.engine.images.check(run.image("a", byName("vm"))))).to.equal("");
    const more = reasons(await run.engine.images.check(run.image("b", byName("vm"))));
    expect(more).to.contain("1 exists and 2 are planned").and.to.contain(`golden (${image.id})`);
  });
});
