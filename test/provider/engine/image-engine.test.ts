import { expect } from "chai";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SqliteCatalog } from "../../../provider/engine/catalog/sqlite-catalog";
import { FolderDiskStore } from "../../../provider/engine/disks/folder-disk-store";
import { byId, byName, golden, reasons, REGION, settingsOf, standIns, up, World } from "./world";
import { worlds } from "./worlds";

const newWorld = worlds();

describe("an image engine", () => {
  it("makes an instance, an image of it, a conversion of that, and shares it", async () =>
    tellStory(await newWorld()));

  it("does the same over SQLite and a folder, and the next run knows it all", async () => {
    const folder = await mkdtemp(join(tmpdir(), "engine-"));
    const catalog = new SqliteCatalog(join(folder, "catalog.db"), settingsOf());
    try {
      const world = new World({ catalog, disks: new FolderDiskStore(folder, standIns) });
      const { image, converted } = await tellStory(world);
      const next = world.run();
      expect(await next.engine.images.read(image.id)).to.deep.equal(image);
      await next.engine.images.remove(image.id, { onDelete: "unshare" });
      expect(await world.disks.stat(image.deviceMappings[0]!.id)).to.equal(undefined);
      expect(await world.disks.stat(converted.deviceMappings[0]!.id)).not.to.equal(undefined);
      const again = next.image("golden", byId(image.source!.id));
      expect((await up(next.engine.images, again)).id).not.to.equal(image.id);
    } finally {
      await catalog.close();
      await rm(folder, { recursive: true });
    }
  });

  it("knows in the preview what a planned image will inherit", async () => {
    const run = (await newWorld()).run();
    const vm = await run.engine.instances.check(run.instance("vm"));
    expect(reasons(vm)).to.equal("");
    const { facts, violations } = await run.engine.images.check(
      run.image("golden", byName("vm"), { architecture: "cloudDisk" }),
    );
    expect(facts.architecture).to.equal("localDisk");
    expect(facts.osName).to.equal("CentOS");
    expect(violations.map(({ property }) => property)).to.deep.equal(["architecture"]);
  });
});

async function tellStory(world: World) {
  const run = world.run();
  const { instance, image } = await golden(run);
  expect(image.architectures).to.deep.equal(["localDisk"]);
  expect(image.deviceMappings).to.have.length(1);
  expect(image.deviceMappings[0]).to.include({
    device: "/dev/vda",
    kind: "imageFile",
    size: instance.systemDisk.size,
  });
  expect(image.status).to.equal("active");
  expect(image.checksum).to.match(/^sha256:/);
  expect(image.lineage.map(({ type }) => type)).to.deep.equal(["instance", "image"]);
  const converted = await up(run.engine.conversions, run.conversion("cloud", byId(image.id)));
  expect(converted.architectures).to.deep.equal(["cloudDisk"]);
  expect(converted.deviceMappings[0]).to.include({ kind: "snapshot" });
  const share = await up(run.engine.shares, run.share("to-1", byId(image.id), "team-1"));
  expect(share).to.include({ imageId: image.id, memberId: "team-1", account: "default", region: REGION });
  return { image, converted };
}
