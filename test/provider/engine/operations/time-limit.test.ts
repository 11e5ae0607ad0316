import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { Fault } from "../../../../provider/engine/violation";
import { byId, CENTOS, golden, reasons, standIns, up, WINDOWS } from "../world";
import type { World } from "../world";
import { worldsOfFiles } from "../worlds";

const newWorld = worldsOfFiles();

const MIB = 2 ** 20;
const SHORT = { timeouts: { create: "1ms", update: "1ms" } };

async function failure(work: Promise<unknown>): Promise<Error> {
  const error = await work.catch((each: Error) => each);
  expect(Fault.is(error), String(error)).to.equal(true);
  return error as Error;
}

describe("the time that disk work may take", () => {
  let folder: string;
  let world: World;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "images-time-"));
    const file = join(folder, "registered.raw");
    await writeFile(file, Buffer.alloc(96 * MIB, 7));
    const external = (id: string) =>
      id.includes(WINDOWS) ? { path: file, virtualBytes: 96 * MIB } : standIns(id);
    world = await newWorld({}, { external });
  });
  afterEach(() => rm(folder, { recursive: true }));

  it("stops a creation when it is up, says how far it was and what to do, and leaves nothing", async () => {
    const run = world.run();
    const file = join(folder, "registered.raw");
    const request = run.image("golden", undefined, { imageFile: file, imageType: "data" }, SHORT);
    const error = await failure(up(run.engine.images, request));
    expect(error.message).to.match(
      /^Creating image golden failed: timeouts\.create allows 1ms, and when it was up, importing file \S+ was at \d+ %\. Raise timeouts\.create, or leave it out for no limit, and run again\.$/,
    );
    const { images } = await world.catalog.snapshot();
    expect(images.filter(({ visibility }) => visibility === "private")).to.deep.equal([]);
    expect(await world.disks.list()).to.deep.equal([]);
    const again = world.run();
    await up(again.engine.images, again.image("golden", undefined, { imageFile: file, imageType: "data" }));
  });

  it("stops a rebuild when it is up, and leaves the instance as it was", async () => {
    const run = world.run();
    const asked = { systemDisk: { type: "localDisk" as const, size: 50 } };
    const first = run.instance("web", { ...asked, image: byId(CENTOS) });
    const web = await up(run.engine.instances, first);
    // A later run may have marked it as seen.
    const { origin: _, ...unmarked } = web;
    const before = await world.disks.list();
    const next = world.run();
    const declaration = { oldToken: first.declaration.creationToken, ...SHORT };
    const request = next.instance("web", { ...asked, image: byId(WINDOWS) }, declaration);
    expect(reasons(await next.engine.instances.check(request))).to.equal("");
    const error = await failure(next.engine.instances.update(web.id, request));
    expect(error.message).to.contain(`Rebuilding instance ${web.id} failed: timeouts.update allows 1ms`);
    const { instances, volumes } = await world.catalog.snapshot();
    expect(instances.map(({ origin: _, ...instance }) => instance)).to.deep.equal([unmarked]);
    expect(volumes).to.deep.equal([]);
    expect(await world.disks.list()).to.deep.equal(before);
  });

  it("says nothing of time where something else fails", async () => {
    const run = world.run();
    const request = run.image("golden", undefined, {
      imageFile: join(folder, "registered.raw"),
      imageType: "data",
    });
    request.declaration.timeouts = { create: "1h" };
    world.disks.importFile = () => Promise.reject(new Fault("Importing", { says: "the disk is full" }));
    expect((await failure(up(run.engine.images, request))).message).to.equal(
      "Importing failed: the disk is full.",
    );
  });

  it("changes nothing where it suffices", async () => {
    const { image } = await golden(world.run(), "golden");
    const run = world.run();
    const copy = run.replica("copy", byId(image.id), {}, { timeouts: { create: "1h" } });
    expect(await up(run.engine.replicas, copy)).to.include({ status: "active", checksum: image.checksum });
  });
});
