import { expect } from "chai";
import type { Reference } from "../../../../provider/engine/requests";
import { byId, byName, CENTOS, golden, reasons, refusal, TEAMS, up } from "../world";
import { worlds } from "../worlds";

const newWorld = worlds();

describe("shares", () => {
  it("go to five members of an image and no sixth, planned or present", async () => {
    const world = await newWorld();
    const { image } = await golden(world.run());
    const run = world.run();
    const found = [];
    for (const team of TEAMS.slice(0, 6)) {
      found.push(reasons(await run.engine.shares.check(run.share(team, byId(image.id), team))));
    }
    expect(found.slice(0, 5)).to.deep.equal(["", "", "", "", ""]);
    expect(found[5])
      .to.contain("can have 5 members: 0 exist and 6 are planned")
      .and.to.contain("team-1, team-2");
    const next = world.run();
    for (const team of TEAMS.slice(0, 5))
      await up(next.engine.shares, next.share(team, byId(image.id), team));
    const more = await next.engine.shares.check(next.share("more", byId(image.id), "team-6"));
    expect(reasons(more)).to.contain("5 exist and 1 is planned");
  });

  it("of an image that is planned are counted as well", async () => {
    const run = (await newWorld({ membersPerImage: 1 })).run();
    await run.engine.instances.check(run.instance("vm"));
    await run.engine.images.check(run.image("golden", byName("vm")));
    expect(reasons(await run.engine.shares.check(run.share("a", byName("golden"), "team-1")))).to.equal("");
    const found = reasons(await run.engine.shares.check(run.share("b", byName("golden"), "team-2")));
    expect(found).to.contain("image golden (planned in this run) of account default can have 1 member");
  });

  it("are taken five at a time by an account, whoever shares", async () => {
    const world = await newWorld({ acceptedShares: 2 });
    const run = world.run();
    const { image: one } = await golden(run, "one");
    const { image: two } = await golden(run, "two");
    const { image: three } = await golden(world.run({ account: "team-2" }), "three");
    await up(run.engine.shares, run.share("a", byId(one.id), "team-1"));
    await up(run.engine.shares, run.share("b", byId(two.id), "team-1"));
    const other = world.run({ account: "team-2" });
    const found = reasons(await other.engine.shares.check(other.share("c", byId(three.id), "team-1")));
    expect(found).to.contain(
      "memberId: Region local lets account team-1 take 2 shared images: 2 exist and 1 is planned",
    );
    expect(found).to.contain(`image one (${one.id})`);
  });

  it("are refused with oneself, with nobody, of a public image, and by a member", async () => {
    const world = await newWorld();
    const owner = world.run();
    const { image } = await golden(owner);
    await up(owner.engine.shares, owner.share("s", byId(image.id), "team-1"));
    const check = async (id: string, memberId: string, account?: string) => {
      const run = world.run({ account });
      return reasons(await run.engine.shares.check(run.share("x", byId(id), memberId)));
    };
    expect(await check(image.id, "default")).to.contain("belongs to account default itself");
    expect(await check(image.id, "nobody")).to.contain(
      "has no account nobody. Its accounts are default, team-1",
    );
    expect(await check(CENTOS, "team-1")).to.contain("only a private image can be shared");
    expect(await check(image.id, "team-2", "team-1")).to.contain(
      "is only shared with account team-1, which can't share it",
    );
    expect(await check(image.id, "team-2", "team-3")).to.contain(
      "belongs to account default, and this resource to account team-3",
    );
    expect(await check("img-none", "team-1")).to.contain("There is no image img-none");
  });

  it("aren't made twice: the second says who has the first", async () => {
    const world = await newWorld();
    const run = world.run();
    const { image } = await golden(run);
    await run.engine.shares.check(run.share("first", byId(image.id), "team-1"));
    const planned = await run.engine.shares.check(run.share("second", byId(image.id), "team-1"));
    expect(reasons(planned)).to.contain(
      "is shared with account team-1 already, by first (planned in this run)",
    );
    const next = world.run();
    await up(next.engine.shares, next.share("first", byId(image.id), "team-1"));
    const late = run.engine.shares.create(run.share("second", byId(image.id), "team-1"));
    expect(await refusal(late)).to.contain("Remove one of the two declarations");
  });

  it("that stand undeclared, or were forgotten by the state, are adopted", async () => {
    const world = await newWorld();
    const run = world.run();
    const { image } = await golden(run);
    const request = run.share("s", byId(image.id), "team-1");
    const share = await up(run.engine.shares, request);
    const seen = world.run();
    await seen.engine.shares.check(
      seen.share("s", byId(image.id), "team-1", {}, { oldToken: request.declaration.creationToken }),
    );
    await seen.engine.close();
    const forgotten = world.run();
    expect((await up(forgotten.engine.shares, forgotten.share("s", byId(image.id), "team-1"))).id).to.equal(
      share.id,
    );
    await forgotten.engine.shares.remove(share.id, { onDelete: "retain" });
    const other = world.run();
    expect((await up(other.engine.shares, other.share("other", byId(image.id), "team-1"))).id).to.equal(
      share.id,
    );
  });

  it("that are replaced by the very same need the old one gone first", async () => {
    const world = await newWorld();
    const before = world.run();
    const { image } = await golden(before);
    const old = before.share("s", byId(image.id), "team-1");
    await up(before.engine.shares, old);
    const run = world.run();
    const oldToken = old.declaration.creationToken;
    await run.engine.shares.check(run.share("s", byId(image.id), "team-1", {}, { oldToken }));
    expect(reasons(await run.engine.shares.check(run.share("s", byId(image.id), "team-1")))).to.contain(
      "deleteBeforeReplace: true",
    );
    const first = run.share("s", byId(image.id), "team-1", {}, { deleteBeforeReplace: true });
    expect(reasons(await run.engine.shares.check(first))).to.equal("");
  });

  it("are in the member's list at once, and out of it at once", async () => {
    const world = await newWorld();
    const run = world.run();
    const { image } = await golden(run);
    const share = await up(run.engine.shares, run.share("s", byId(image.id), "team-1"));
    const seen = await world.run().engine.lookups.images({ account: "team-1", visibility: "shared" });
    expect(seen.map(({ image }) => image.id)).to.deep.equal([image.id]);
    await run.engine.shares.remove(share.id, { account: "default" });
    expect(
      await world.run().engine.lookups.images({ account: "team-1", visibility: "shared" }),
    ).to.deep.equal([]);
  });

  it("of a data image let a member make volumes of it, and nothing else", async () => {
    const world = await newWorld();
    const run = world.run();
    const store = await up(run.engine.volumes, run.volume("store", { size: 3 }));
    const image = await up(run.engine.images, run.image("data", undefined, { volume: byId(store.id) }));
    await up(run.engine.shares, run.share("s", byId(image.id), "team-1"));
    const member = world.run({ account: "team-1" });
    const volume = await up(member.engine.volumes, member.volume("mine", { image: byId(image.id) }));
    expect(volume).to.deep.include({ account: "team-1", source: { type: "image", id: image.id } });
    const instance = member.instance("vm", { image: byId(image.id) });
    expect(reasons(await member.engine.instances.check(instance))).to.contain("makes volumes, not instances");
    const replica = member.replica("copy", byId(image.id));
    expect(reasons(await member.engine.replicas.check(replica))).to.contain("which can't replicate it");
    await run.engine.images.remove(image.id, { onDelete: "unshare" });
    expect(await world.run().engine.volumes.read(volume.id)).to.deep.equal(volume);
  });

  it("of full and of encrypted images are refused, planned or present", async () => {
    const world = await newWorld();
    const run = world.run();
    const { image } = await golden(run);
    const sealed = await up(run.engine.replicas, run.replica("sealed", byId(image.id), { encrypted: true }));
    const next = world.run();
    const shared = async (reference: Reference) =>
      reasons(await next.engine.shares.check(next.share("s", reference, "team-1")));
    expect(await shared(byId(sealed.id))).to.contain("can't be shared: it is encrypted");
    await next.engine.instances.check(next.instance("vm"));
    await next.engine.images.check(next.image("full", byName("vm"), { imageType: "full" }));
    expect(await shared(byName("full"))).to.contain(
      "can't be shared: it holds system and data disks together",
    );
  });
});
