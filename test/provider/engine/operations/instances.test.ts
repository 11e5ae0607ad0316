import { expect } from "chai";
import { mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Maybe } from "../../../../provider/engine/requests";
import { UNKNOWN } from "../../../../provider/engine/requests";
import { byId, byName, CENTOS, golden, reasons, refusal, up, WINDOWS } from "../world";
import { worlds } from "../worlds";

const newWorld = worlds();

describe("instances", () => {
  it("take size, OS and lineage from their image", async () => {
    const run = (await newWorld()).run();
    const request = run.instance("web", { image: byId(WINDOWS), dataDisks: [{ size: 10 }, { size: 20 }] });
    const { facts } = await run.engine.instances.check(request);
    expect(facts).to.include({ architecture: "localDisk", systemDiskSize: 40, osType: "windows" });
    const web = await run.engine.instances.create(request);
    expect(web.systemDisk).to.include({ device: "/dev/vda", size: 40 });
    expect(web.dataDisks.map(({ device, size }) => [device, size])).to.deep.equal([
      ["/dev/vdb", 10],
      ["/dev/vdc", 20],
    ]);
    expect(web.status).to.equal("running");
    expect(web.lineage).to.deep.equal([
      { type: "image", id: WINDOWS, name: "Windows Server 2016 Data Center CN 64-bit" },
    ]);
  });

  it("come from a disk file, which fits on their system disk", async () => {
    const folder = await mkdtemp(join(tmpdir(), "engine-"));
    try {
      const diskFile = join(folder, "disk.raw");
      await writeFile(diskFile, "system");
      await truncate(diskFile, 2 * 2 ** 20);
      const world = await newWorld();
      const run = world.run();
      const os = { osType: "linux", osName: "Own" };
      const request = run.instance("web", { diskFile, os, systemDisk: { type: "localDisk", size: 1 } });
      const web = await up(run.engine.instances, request);
      expect(web.os).to.deep.equal(os);
      expect(web.lineage).to.deep.equal([{ type: "file", id: diskFile }]);
      expect((await world.disks.stat(web.systemDisk.id))?.virtualBytes).to.equal(2 ** 30);
      const importFile = world.disks.importFile.bind(world.disks);
      const larger = { virtualBytes: 2 ** 30 + 1 };
      world.disks.importFile = async (...args) => ({ ...(await importFile(...args)), ...larger });
      const big = run.instance("big", { diskFile, systemDisk: { type: "localDisk", size: 1 } });
      expect(await refusal(up(run.engine.instances, big))).to.contain(
        "systemDisk.size: A disk of 1 GiB is too small",
      );
      const { instances } = await world.catalog.snapshot();
      expect(instances.map(({ name }) => name)).to.deep.equal(["web"]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("have their disk file judged by the preview already, and take its size where none is stated", async () => {
    const folder = await mkdtemp(join(tmpdir(), "instances-"));
    try {
      const raw = async (name: string, gib: number, text = "") => {
        const path = join(folder, name);
        await writeFile(path, text, "latin1");
        await truncate(path, gib * 2 ** 30);
        return path;
      };
      const diskFile = await raw("disk.raw", 2);
      const run = (await newWorld()).run();
      const checked = (name: string, file: Maybe<string>, size?: number) =>
        run.engine.instances.check(
          run.instance(name, { diskFile: file, systemDisk: { type: "localDisk", size } }),
        );
      const fits = await checked("fits", diskFile);
      expect(fits.violations).to.deep.equal([]);
      expect(fits.facts.systemDiskSize).to.equal(2);
      expect((await checked("later", UNKNOWN)).facts.systemDiskSize).to.equal(UNKNOWN);
      const refused: [string, number | undefined, RegExp][] = [
        [diskFile, 1, /^systemDisk\.size: A disk of 1 GiB is too small for .*disk\.raw, which needs 2 GiB/],
        [join(folder, "absent.raw"), undefined, /^diskFile: There is no file .* Give the path/],
        [folder, 20, /^diskFile: .* is a folder/],
        [await raw("qcow2", 1, "QFI\xfb"), 20, /^diskFile: .* is qcow2, not raw\. Convert it first/],
        [await raw("huge", 501), undefined, /^diskFile: .* needs a disk of 501 GiB, .* at most 500 GiB/],
      ];
      for (const [file, size, reason] of refused) {
        expect(reasons(await checked("refused", file, size)), file)
          .to.match(reason)
          .and.not.contain("\n");
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("have each disk file looked at once a run, and not when they stand already", async () => {
    const folder = await mkdtemp(join(tmpdir(), "instances-"));
    try {
      const diskFile = join(folder, "disk.raw");
      await writeFile(diskFile, Buffer.alloc(512));
      const world = await newWorld();
      let looks = 0;
      const inspectFile = world.disks.inspectFile.bind(world.disks);
      world.disks.inspectFile = (...args) => {
        looks += 1;
        return inspectFile(...args);
      };
      const run = world.run();
      const request = run.instance("web", { diskFile });
      await up(run.engine.instances, request);
      await up(run.engine.instances, run.instance("second", { diskFile }));
      expect(looks).to.equal(1);
      await rm(diskFile);
      const next = world.run();
      const { creationToken: oldToken } = request.declaration;
      const again = next.instance("web", { diskFile }, { oldToken });
      expect(reasons(await next.engine.instances.check(again))).to.equal("");
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("are refused an image of the other architecture, planned or present", async () => {
    const world = await newWorld();
    const { image } = await golden(world.run());
    const run = world.run();
    const cloud = { systemDisk: { type: "cloudDisk" as const } };
    const present = await run.engine.instances.check(run.instance("a", { image: byId(image.id), ...cloud }));
    expect(reasons(present)).to.match(/^imageId: Image golden .* is a localDisk image .* ImageConversion/);
    await run.engine.instances.check(run.instance("vm", cloud));
    await run.engine.images.check(run.image("cloud", byName("vm")));
    const planned = await run.engine.instances.check(run.instance("b", { image: byName("cloud") }));
    expect(reasons(planned))
      .to.contain("is a cloudDisk image and serves only")
      .and.to.contain("no conversion from cloudDisk");
  });

  it("are rebuilt in place by another image and keep their data disks", async () => {
    const world = await newWorld();
    const run = world.run();
    const first = run.instance("web", {
      image: byId(CENTOS),
      systemDisk: { type: "cloudDisk", size: 50 },
      dataDisks: [{ size: 5 }],
    });
    const web = await up(run.engine.instances, first);
    const later = world.run();
    const change = later.instance(
      "web",
      { ...first, image: byId(WINDOWS), name: "renamed" },
      { oldToken: first.declaration.creationToken },
    );
    expect(reasons(await later.engine.instances.check(change))).to.equal("");
    const rebuilt = await later.engine.instances.update(web.id, change);
    expect(rebuilt).to.include({ id: web.id, imageId: WINDOWS, name: "renamed" });
    expect(rebuilt.os.osType).to.equal("windows");
    expect(rebuilt.dataDisks).to.deep.equal(web.dataDisks);
    expect(await world.disks.stat(web.systemDisk.id)).to.equal(undefined);
    expect(await world.disks.stat(rebuilt.systemDisk.id)).not.to.equal(undefined);
    expect((await later.engine.instances.read(web.id))?.imageId).to.equal(WINDOWS);
  });

  it("are refused a rebuild by an image of the other architecture or one that needs a larger disk", async () => {
    const world = await newWorld();
    const before = world.run();
    const { image } = await golden(before);
    const request = before.instance("web", { systemDisk: { type: "cloudDisk", size: 20 } });
    const web = await up(before.engine.instances, request);
    const run = world.run();
    const { creationToken: oldToken } = request.declaration;
    const rebuild = (id: string) => run.instance("web", { ...request, image: byId(id) }, { oldToken });
    expect(reasons(await run.engine.instances.check(rebuild(image.id)))).to.contain("localDisk image");
    expect(await refusal(run.engine.instances.update(web.id, rebuild(image.id)))).to.contain(
      "localDisk image",
    );
    expect(reasons(await run.engine.instances.check(rebuild(WINDOWS)))).to.contain("needs 40 GiB or more");
  });

  it("are judged by their replacement, not by their rebuild, where both the disk and the image change", async () => {
    const world = await newWorld();
    const before = world.run();
    const request = before.instance("web", { systemDisk: { type: "cloudDisk" } });
    await up(before.engine.instances, request);
    const run = world.run();
    const next = { image: byId(WINDOWS), systemDisk: { type: "localDisk" as const } };
    const { creationToken: oldToken } = request.declaration;
    expect(reasons(await run.engine.instances.check(run.instance("web", next, { oldToken })))).to.equal("");
    const { violations, facts } = await run.engine.instances.check(run.instance("web", next));
    expect(violations).to.deep.equal([]);
    expect(facts.systemDiskSize).to.equal(40);
  });

  it("are refused an image that their account doesn't see", async () => {
    const world = await newWorld();
    const owner = world.run();
    const { image } = await golden(owner);
    const member = world.run({ account: "team-1" });
    const request = member.instance("web", { image: byId(image.id) });
    expect(reasons(await member.engine.instances.check(request))).to.contain(
      "isn't shared with account team-1",
    );
    await up(owner.engine.shares, owner.share("to-1", byId(image.id), "team-1"));
    const later = world.run({ account: "team-1" });
    await up(later.engine.instances, request);
  });

  it("outlive the image that they were made from and the share that showed it", async () => {
    const world = await newWorld();
    const owner = world.run();
    const { image } = await golden(owner);
    const share = await up(owner.engine.shares, owner.share("to-1", byId(image.id), "team-1"));
    const member = world.run({ account: "team-1" });
    const web = await up(member.engine.instances, member.instance("web", { image: byId(image.id) }));
    const end = world.run();
    await end.engine.shares.remove(share.id, { account: "default" });
    await end.engine.images.remove(image.id, { account: "default" });
    expect(await world.disks.stat(web.systemDisk.id)).not.to.equal(undefined);
    const own = world.run({ account: "team-1" });
    expect((await own.engine.instances.read(web.id))?.status).to.equal("running");
    await up(own.engine.images, own.image("copy", byId(web.id)));
  });

  it("report every violation at once", async () => {
    const run = (await newWorld()).run();
    const request = run.instance("web", {
      name: " bad/name",
      image: byId("img-none"),
      architecture: "cloudDisk",
      systemDisk: { type: "localDisk", size: 501 },
      dataDisks: [{ size: 0 }, { size: 16_001 }],
      tags: { "images:x": "y" },
    });
    const { violations } = await run.engine.instances.check(request);
    expect(violations.map(({ property }) => property)).to.have.members([
      "name",
      "tags",
      "systemDisk.size",
      "dataDisks[0].size",
      "dataDisks[1].size",
      "architecture",
      "imageId",
    ]);
    expect(await refusal(run.engine.instances.create(request)))
      .to.contain("img-none")
      .and.to.contain("16001");
  });

  it("leave nothing behind where their disks can't be made", async () => {
    const world = (await newWorld()).withoutForesight();
    const run = world.run();
    const request = run.instance("web", { dataDisks: [{ size: 1 }] });
    await run.engine.instances.check(request);
    world.disks.createBlank = async () => {
      throw new Error("no space left on device");
    };
    const error = await run.engine.instances.create(request).catch((error: Error) => error);
    expect((error as Error).message).to.equal("Creating instance web failed: no space left on device.");
    expect((await world.catalog.snapshot()).instances).to.deep.equal([]);
  });
});
