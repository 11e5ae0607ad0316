import { expect } from "chai";
import { around, lineageGraph } from "../../../../provider/engine/lineage/graph";
import type { LineageGraph, LineageRecords } from "../../../../provider/engine/lineage/graph";
import type { LineageStep } from "../../../../provider/engine/model";
import { newImage, newInstance, newShare, newVolume } from "../catalog/records";
import { byId, CENTOS, golden, refusal, up } from "../world";
import { worlds } from "../worlds";

const newWorld = worlds();

const PLACE = { region: "local", account: "default" };

let sequence = 0;
const dated = <T>(record: T) => ({ ...record, createdAt: "2026-01-01T00:00:00Z", sequence: ++sequence });
const image: (
  ...args: Parameters<typeof newImage>
) => ReturnType<typeof dated<ReturnType<typeof newImage>>> = (...args) => dated(newImage(...args));

function records(given: Partial<LineageRecords>): LineageRecords {
  return { images: [], instances: [], volumes: [], shares: [], exports: [], ...given };
}

const edges = (graph: LineageGraph) => graph.edges.map(({ from, to, how }) => `${from} ${how} ${to}`);
const standings = (graph: LineageGraph) =>
  Object.fromEntries(graph.nodes.map(({ key, standing }) => [key, standing]));

const step = (type: LineageStep["type"], id: string, name = id): LineageStep => ({ type, id, name });

describe("a lineage", () => {
  it("leads from the public image to instance, image, conversion, share, and what is made of them", async () => {
    const run = (await newWorld()).run();
    const { instance, image: source } = await golden(run);
    const { engine } = run;
    const converted = await up(engine.conversions, run.conversion("cloud", byId(source.id)));
    const share = await up(engine.shares, run.share("s", byId(converted.id), "team-1"));
    const request = run.instance("web", { image: byId(converted.id), systemDisk: { type: "cloudDisk" } });
    const web = await up(engine.instances, request);
    const graph = await engine.lookups.lineage({});
    expect(edges(graph)).to.deep.equal([
      `image:${CENTOS} instance instance:${instance.id}`,
      `instance:${instance.id} image image:${source.id}`,
      `image:${source.id} conversion image:${converted.id}`,
      `image:${converted.id} share share:${share.id}`,
      `image:${converted.id} instance instance:${web.id}`,
    ]);
    expect(graph.nodes[0]).to.deep.include({ standing: "offered", visibility: "public" });
    const node = graph.nodes.find(({ id }) => id === converted.id);
    expect(node).to.deep.include({ standing: "here", members: 1, architectures: ["cloudDisk"] });
    expect(graph).to.deep.include({ region: "local", account: "default" });
  });

  it("keeps what was deleted meanwhile as a ghost, where something made of it stands", async () => {
    const run = (await newWorld()).run();
    const { instance, image: kept } = await golden(run);
    await run.engine.instances.remove(instance.id);
    const graph = await run.engine.lookups.lineage({});
    expect(standings(graph)).to.deep.equal({
      [`image:${CENTOS}`]: "offered",
      [`instance:${instance.id}`]: "gone",
      [`image:${kept.id}`]: "here",
    });
    expect(graph.nodes[1]!.name).to.equal("golden-vm");
    await run.engine.images.remove(kept.id);
    expect((await run.engine.lookups.lineage({})).nodes).to.deep.equal([]);
  });

  it("shows a member what is shared with it, and of the owner's things no more than its steps tell", async () => {
    const world = await newWorld();
    const owner = world.run();
    const { image: shared, instance } = await golden(owner);
    await golden(owner, "hidden");
    await up(owner.engine.shares, owner.share("s", byId(shared.id), "team-1"));
    await up(owner.engine.shares, owner.share("t", byId(shared.id), "team-2"));
    const graph = await world.run().engine.lookups.lineage({ account: "team-1" });
    expect(standings(graph)).to.deep.equal({
      [`image:${CENTOS}`]: "offered",
      [`instance:${instance.id}`]: "elsewhere",
      [`image:${shared.id}`]: "elsewhere",
    });
    const node = graph.nodes.find(({ id }) => id === shared.id)!;
    expect(node.visibility).to.equal("shared");
    expect(node.members).to.equal(undefined);
  });

  it("leaves it to the owner whether the source of a shared image still stands", async () => {
    const world = await newWorld();
    const owner = world.run();
    const { image: shared, instance } = await golden(owner);
    await up(owner.engine.shares, owner.share("s", byId(shared.id), "team-1"));
    await owner.engine.instances.remove(instance.id);
    const member = world.run({ account: "team-1" });
    const web = await up(member.engine.instances, member.instance("web", { image: byId(shared.id) }));
    expect(standings(await member.engine.lookups.lineage({ account: "team-1" }))).to.deep.equal({
      [`image:${CENTOS}`]: "offered",
      [`instance:${instance.id}`]: "elsewhere",
      [`image:${shared.id}`]: "elsewhere",
      [`instance:${web.id}`]: "here",
    });
  });

  it("shows one thing's ancestors and descendants, by ID or by name, and not its siblings", async () => {
    const run = (await newWorld()).run();
    const { image: one, instance } = await golden(run, "one");
    const sibling = await up(run.engine.images, run.image("two", byId(instance.id)));
    const { lookups } = run.engine;
    for (const of of [one.id, "one"]) {
      const ids = (await lookups.lineage({ of })).nodes.map(({ id }) => id);
      expect(ids).to.deep.equal([CENTOS, instance.id, one.id]);
    }
    const whole = (await lookups.lineage({ of: instance.id })).nodes.map(({ id }) => id);
    expect(whole).to.include.members([CENTOS, one.id, sibling.id]);
    const said = await refusal(lookups.lineage({ of: "tow" }));
    expect(said).to.contain('Nothing with the name or ID "tow"').and.to.contain(`image two (${sibling.id})`);
  });

  it("tells conversions, replicas and images apart, and files that lie outside", () => {
    const file = step("file", "/disks/base.raw");
    const a = image("img-a", { lineage: [file], source: { type: "file", id: file.id } });
    const lineage = [step("image", "img-a"), file];
    const b = image("img-b", { lineage, source: { type: "image", id: "img-a", conversion: true } });
    const c = image("img-c", { lineage, source: { type: "image", id: "img-a" } });
    const graph = lineageGraph(records({ images: [c, b, a] }), PLACE);
    expect(edges(graph)).to.deep.equal([
      "file:/disks/base.raw image image:img-a",
      "image:img-a conversion image:img-b",
      "image:img-a replica image:img-c",
    ]);
    expect(standings(graph)["file:/disks/base.raw"]).to.equal("outside");
  });

  it("keeps an export whose image is gone", () => {
    const exported = dated({
      ...{ id: "exp-1", name: "nightly", ...PLACE, status: "active" as const, imageId: "img-gone" },
      ...{ bucketUrl: "s3://backups/images", fileFormat: "qcow2" as const, objects: [] },
    });
    const graph = lineageGraph(records({ exports: [exported] }), PLACE);
    expect(standings(graph)).to.deep.equal({ "image:img-gone": "gone", "export:exp-1": "here" });
    expect(graph.nodes[1]).to.deep.include({ bucketUrl: "s3://backups/images", fileFormat: "qcow2" });
  });

  it("bears an instance that was rebuilt with an image of itself", () => {
    const base = image("img-base", { visibility: "public", account: undefined, lineage: [] });
    const own = image("img-own", {
      lineage: [step("instance", "i-1"), step("image", "img-base")],
      source: { type: "instance", id: "i-1" },
    });
    const instance = dated(
      newInstance("i-1", { lineage: [step("image", "img-own"), ...own.lineage], imageId: "img-own" }),
    );
    const graph = lineageGraph(records({ images: [base, own], instances: [instance] }), PLACE);
    expect(edges(graph)).to.have.members([
      "image:img-base instance instance:i-1",
      "instance:i-1 image image:img-own",
      "image:img-own instance instance:i-1",
    ]);
    expect(around(graph, ["image:img-base"]).nodes).to.have.length(3);
  });

  it("leaves out other accounts, other regions, and public images that nothing was made of", () => {
    const graph = lineageGraph(
      records({
        images: [
          image("img-public", { visibility: "public", account: undefined }),
          image("img-theirs", { account: "team-1" }),
          image("img-far", { region: "remote" }),
        ],
        instances: [dated(newInstance("i-theirs", { account: "team-1" }))],
        volumes: [dated(newVolume("vol-far", { region: "remote" }))],
        shares: [dated(newShare("shr-far", "img-far", "default", { region: "remote" }))],
      }),
      PLACE,
    );
    expect(graph.nodes).to.deep.equal([]);
  });
});
