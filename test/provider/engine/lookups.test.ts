import { expect } from "chai";
import { byId, CENTOS, golden, refusal, up, WINDOWS } from "./world";
import { worlds } from "./worlds";

const newWorld = worlds();

describe("lookups", () => {
  it("find one image by name, by ID, and by a pattern", async () => {
    const { lookups } = (await newWorld()).run().engine;
    expect((await lookups.image({ name: "CentOS 7.4 64-bit" })).image.id).to.equal(CENTOS);
    expect((await lookups.image({ id: WINDOWS })).visibility).to.equal("public");
    expect((await lookups.image({ nameRegex: "^Windows.*2016" })).image.id).to.equal(WINDOWS);
  });

  it("say what is near where nothing matches", async () => {
    const { lookups } = (await newWorld()).run().engine;
    const found = await refusal(lookups.image({ name: "CentOS 7.4" }));
    expect(found).to.contain('No image matches name "CentOS 7.4" in region local for account default');
    expect(found).to.contain(`image CentOS 7.4 64-bit (${CENTOS})`);
  });

  it("say what matches where several do, and take the newest on request", async () => {
    const run = (await newWorld()).run();
    const { image: older, instance } = await golden(run, "older");
    const newer = await up(run.engine.images, run.image("newer", byId(instance.id)));
    const { lookups } = run.engine;
    const filter = { visibility: "private" as const };
    expect(await refusal(lookups.image(filter)))
      .to.contain("2 images match")
      .and.to.contain("mostRecent: true");
    const { image } = await lookups.image({ ...filter, mostRecent: true });
    const newest = older.createdAt === newer.createdAt ? [older.id, newer.id].sort()[0] : newer.id;
    expect(image.id).to.equal(newest);
  });

  it("see public images, one's own, and those shared with one, and no others", async () => {
    const world = await newWorld();
    const owner = world.run();
    const { image: shared } = await golden(owner, "shared");
    const { image: hidden } = await golden(owner, "hidden");
    await up(owner.engine.shares, owner.share("s", byId(shared.id), "team-1"));
    const { lookups } = world.run().engine;
    const seen = await lookups.images({ account: "team-1" });
    const visibility = new Map(seen.map(({ image, visibility }) => [image.id, visibility]));
    expect(visibility.get(shared.id)).to.equal("shared");
    expect(visibility.has(hidden.id)).to.equal(false);
    expect(visibility.get(CENTOS)).to.equal("public");
    expect(await refusal(lookups.image({ id: hidden.id, account: "team-1" }))).to.contain("No image matches");
  });

  it("select by architecture and by tags", async () => {
    const run = (await newWorld()).run();
    const { instance } = await golden(run, "cloud", "cloudDisk");
    await up(
      run.engine.images,
      run.image("tagged", byId(instance.id), { tags: { team: "a", stage: "prod" } }),
    );
    const { lookups } = run.engine;
    const names = async (filter: object) =>
      (await lookups.images({ visibility: "private", ...filter })).map(({ image }) => image.name);
    expect(await names({ tags: { team: "a" } })).to.deep.equal(["tagged"]);
    expect(await names({ tags: { team: "a", stage: "test" } })).to.deep.equal([]);
    expect(await names({ name: "tagged", tags: { team: "a" } })).to.deep.equal(["tagged"]);
    expect(await names({ name: "cloud", tags: { team: "a" } })).to.deep.equal([]);
    expect(await names({ architecture: "localDisk" })).to.deep.equal([]);
    expect(await names({ architecture: "cloudDisk" })).to.have.members(["cloud", "tagged"]);
  });

  it("select what bears the tags among public images and by ID too", async () => {
    const run = (await newWorld()).run();
    const { image } = await golden(run, "untagged");
    const { lookups } = run.engine;
    const tags = { team: "a" };
    expect(await lookups.images({ visibility: "public", tags })).to.deep.equal([]);
    expect(await refusal(lookups.image({ id: image.id, tags }))).to.contain("No image matches");
    expect(await refusal(lookups.image({ name: "CentOS 7.4 64-bit", tags }))).to.contain("No image matches");
  });

  it("by a name find one's own of that name, and those shared with one", async () => {
    const world = await newWorld();
    const owner = world.run();
    const { image: shared, instance } = await golden(owner, "golden");
    await up(owner.engine.images, owner.image("golden-2", byId(instance.id)));
    await up(owner.engine.shares, owner.share("s", byId(shared.id), "team-1"));
    const member = world.run({ account: "team-1" });
    const vm = await up(member.engine.instances, member.instance("vm"));
    const own = await up(member.engine.images, member.image("own", byId(vm.id), { name: "golden" }));
    const found = async (filter: object) => {
      const images = await member.engine.lookups.images({ account: "team-1", ...filter });
      return images.map(({ image, visibility }) => `${visibility} ${image.id}`);
    };
    const both = [`private ${own.id}`, `shared ${shared.id}`];
    expect(await found({ name: "golden" })).to.have.members(both);
    expect(await found({ name: "golden", visibility: "shared" })).to.deep.equal([`shared ${shared.id}`]);
    expect(await found({ name: "golden-2" })).to.deep.equal([]);
  });

  it("refuse a pattern that is none, and a place that isn't there", async () => {
    const { lookups } = (await newWorld()).run().engine;
    expect(await refusal(lookups.images({ nameRegex: "(" }))).to.contain("nameRegex");
    expect(await refusal(lookups.images({ region: "mars" }))).to.contain("There is no region mars");
    expect(await refusal(lookups.quotas({ account: "nobody" }))).to.contain("has no account nobody");
  });

  it("count the places used of each quota, what is only planned not among them", async () => {
    const run = (await newWorld()).run();
    const { image, instance } = await golden(run, "cloud", "cloudDisk");
    await up(run.engine.shares, run.share("s", byId(image.id), "team-1"));
    await run.engine.images.check(run.image("planned", byId(instance.id)));
    expect(await run.engine.lookups.quotas({})).to.deep.equal({
      region: "local",
      account: "default",
      privateImages: { used: 1, limit: 5 },
      snapshots: { used: 1, limit: 20 },
      acceptedShares: { used: 0, limit: 5 },
      membersPerImage: { limit: 5 },
    });
    expect((await run.engine.lookups.quotas({ account: "team-1" })).acceptedShares.used).to.equal(1);
  });
});
