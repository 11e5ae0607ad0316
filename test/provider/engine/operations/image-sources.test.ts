import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import type { ImageRequest } from "../../../../provider/engine/requests";
import { UNKNOWN } from "../../../../provider/engine/requests";
import { sha256 } from "../disks/disk-fixtures";
import { byId, byName, reasons, refusal, up } from "../world";
import { worlds } from "../worlds";

const newWorld = worlds();

const disks = [{ size: 1 }, { size: 2 }];

describe("data images", () => {
  it("of an instance's device hold that disk, and have the instance's architecture", async () => {
    for (const type of ["localDisk", "cloudDisk"] as const) {
      const world = await newWorld();
      const run = world.run();
      const vm = await up(
        run.engine.instances,
        run.instance("vm", { systemDisk: { type }, dataDisks: disks }),
      );
      const request = run.image("data", byId(vm.id), { imageType: "data", device: "/dev/vdc" });
      const image = await up(run.engine.images, request);
      expect(image).to.deep.include({
        imageType: "data",
        architectures: [type],
        minDisk: 2,
        os: {},
        source: { type: "instance", id: vm.id, device: "/dev/vdc" },
      });
      expect(image.deviceMappings.map(({ device, kind, size }) => [device, kind, size])).to.deep.equal([
        ["/dev/vdc", "snapshot", 2],
      ]);
      expect(image.lineage.map(({ type }) => type)).to.deep.equal(["instance", "image"]);
      expect(
        await refusal(up(run.engine.instances, run.instance("x", { image: byId(image.id) }))),
      ).to.contain("makes volumes, not instances");
    }
  });

  it("of a volume are cloudDisk ones, and make volumes of their size or more", async () => {
    const run = (await newWorld()).run();
    const volume = await up(run.engine.volumes, run.volume("data", { size: 2 }));
    const image = await up(
      run.engine.images,
      run.image("data-image", undefined, { volume: byId(volume.id) }),
    );
    expect(image).to.deep.include({ imageType: "data", architectures: ["cloudDisk"], minDisk: 2 });
    expect(image.deviceMappings[0]).to.include({ device: "/dev/vdb", kind: "snapshot" });
    expect(image.lineage).to.deep.equal([{ type: "volume", id: volume.id, name: "data" }]);
    const copy = await up(run.engine.volumes, run.volume("copy", { image: byId(image.id) }));
    expect(copy.disk.size).to.equal(2);
    expect(copy.lineage.map(({ type }) => type)).to.deep.equal(["image", "volume"]);
    const small = run.volume("small", { image: byId(image.id), size: 1 });
    expect(reasons(await run.engine.volumes.check(small))).to.contain("which needs 2 GiB or more");
  });

  it("of what is planned are judged, and make volumes, in the same preview", async () => {
    const run = (await newWorld()).run();
    const { engine } = run;
    await engine.instances.check(run.instance("vm", { dataDisks: disks }));
    const there = run.image("data", byName("vm"), { imageType: "data", device: "/dev/vdb" });
    expect(reasons(await engine.images.check(there))).to.equal("");
    const { facts, violations } = await engine.volumes.check(run.volume("copy", { image: byName("data") }));
    expect(violations).to.deep.equal([]);
    expect(facts.size).to.equal(1);
    const absent = run.image("absent", byName("vm"), { imageType: "data", device: "/dev/vdd" });
    expect(reasons(await engine.images.check(absent))).to.match(
      /^device: Instance vm \(planned in this run\) has no data disk \/dev\/vdd\. It has \/dev\/vdb, \/dev\/vdc/,
    );
    await engine.volumes.check(run.volume("unsized", { size: UNKNOWN }));
    const later = await engine.images.check(run.image("later", undefined, { volume: byName("unsized") }));
    expect(reasons(later)).to.equal("");
    expect(later.facts.minDisk).to.equal(UNKNOWN);
    const ofLater = await engine.volumes.check(run.volume("of-later", { image: byName("later") }));
    expect(reasons(ofLater)).to.equal("");
    expect(ofLater.facts.size).to.equal(UNKNOWN);
  });
});

describe("system images of a volume", () => {
  it("are cloudDisk ones with the OS stated, and make instances", async () => {
    const run = (await newWorld()).run();
    const volume = await up(run.engine.volumes, run.volume("boot", { size: 2 }));
    const os = { osType: "linux", osName: "Own" };
    const request = run.image("golden", undefined, { volume: byId(volume.id), imageType: "system", os });
    const image = await up(run.engine.images, request);
    expect(image).to.deep.include({ imageType: "system", architectures: ["cloudDisk"], os });
    expect(image.deviceMappings[0]).to.include({ device: "/dev/vda", kind: "snapshot" });
    const cloud = { image: byId(image.id), systemDisk: { type: "cloudDisk" as const } };
    const vm = await up(run.engine.instances, run.instance("vm", cloud));
    expect(vm).to.deep.include({ os });
    expect(vm.systemDisk.size).to.equal(2);
    const local = run.instance("local", { image: byId(image.id) });
    expect(reasons(await run.engine.instances.check(local))).to.contain("is a cloudDisk image");
  });
});

describe("images of a file", () => {
  let folder: string;
  let sound: string;
  const bytes = Buffer.alloc(2 ** 20, "sound");
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "image-files-"));
    sound = join(folder, "sound.raw");
    await writeFile(sound, bytes);
    await writeFile(join(folder, "unsound.raw"), "part of a sector");
  });
  after(() => rm(folder, { recursive: true }));

  it("are localDisk system images, whose checksum is the file's, or cloudDisk data images", async () => {
    const run = (await newWorld()).run();
    const system = await up(run.engine.images, run.image("system", undefined, { imageFile: sound }));
    expect(system).to.deep.include({
      imageType: "system",
      architectures: ["localDisk"],
      minDisk: 1,
      checksum: sha256(bytes),
      encrypted: false,
      source: { type: "file", id: sound, fileFormat: "raw" },
      lineage: [{ type: "file", id: sound }],
    });
    expect(system.deviceMappings[0]).to.include({ device: "/dev/vda", kind: "imageFile", size: 1 });
    const request = run.image("data", undefined, { imageFile: sound, imageType: "data", minDisk: 600 });
    const data = await up(run.engine.images, request);
    expect(data).to.deep.include({ imageType: "data", architectures: ["cloudDisk"], minDisk: 600 });
    expect(data.deviceMappings[0]).to.include({ device: "/dev/vdb", kind: "snapshot", size: 1 });
  });

  it("may be sealed as they come in, under the account's default key, and so is what is made of them", async () => {
    const world = await newWorld();
    const run = world.run();
    const sealed = { imageFile: sound, encrypted: true };
    const checked = await run.engine.images.check(run.image("sealed", undefined, sealed));
    expect(reasons(checked)).to.equal("");
    const image = await up(run.engine.images, run.image("sealed", undefined, sealed));
    expect(image).to.include({ encrypted: true });
    expect(image.kmsKeyId).to.match(/^key-/);
    expect(image.wrappedKey).to.be.a("string");
    const vm = await up(
      run.engine.instances,
      run.instance("vm", { image: byId(image.id), dataDisks: disks }),
    );
    expect(vm).to.include({ encrypted: true, kmsKeyId: image.kmsKeyId });
    expect(vm.wrappedKey).to.be.a("string").and.not.equal(image.wrappedKey);
    const device = { imageType: "data" as const, device: "/dev/vdb" };
    const data = await up(run.engine.images, run.image("data", byId(vm.id), device));
    expect(data).to.include({ encrypted: true, kmsKeyId: image.kmsKeyId });
    const volume = await up(run.engine.volumes, run.volume("volume", { image: byId(data.id) }));
    expect(volume).to.include({ encrypted: true, kmsKeyId: image.kmsKeyId });
    expect(volume.wrappedKey).to.be.a("string").and.not.equal(data.wrappedKey);
    const plain = run.image("plain", byId(vm.id), { encrypted: false });
    expect(reasons(await run.engine.images.check(plain))).to.contain(
      "encrypted: What is made of instance vm",
    );
    await world.keys.disable(image.kmsKeyId!);
    const next = world.run();
    const refused = [
      reasons(await next.engine.images.check(next.image("x", byId(vm.id)))),
      reasons(await next.engine.instances.check(next.instance("y", { image: byId(image.id) }))),
      reasons(await next.engine.volumes.check(next.volume("z", { image: byId(data.id) }))),
      reasons(await next.engine.images.check(next.image("w", undefined, sealed))),
    ];
    for (const reason of refused) expect(reason).to.contain("is disabled");
  });

  it("are refused, in the preview and at create alike, where the file is", async () => {
    const run = (await newWorld()).run();
    const wrong: [Partial<ImageRequest>, RegExp][] = [
      [{ imageFile: join(folder, "missing.raw") }, /^imageFile: .*missing\.raw/],
      [{ imageFile: join(folder, "unsound.raw") }, /^imageFile: /],
      [{ imageFile: sound, fileFormat: "qcow2" }, /^(imageFile|fileFormat): .*qcow2/],
    ];
    for (const [request, reason] of wrong) {
      const image = run.image("wrong", undefined, request);
      expect(reasons(await run.engine.images.check(image))).to.match(reason);
      expect(await refusal(run.engine.images.create(image))).to.match(reason);
    }
  });
});

describe("an image that a run was cut off from", () => {
  it("is adopted only where type, device and file are the same", async () => {
    const world = await newWorld();
    const before = world.run();
    const vm = await up(before.engine.instances, before.instance("vm", { dataDisks: disks }));
    const made = async (request: Partial<ImageRequest>) => {
      const run = world.run();
      return (await up(run.engine.images, run.image("image", byId(vm.id), request))).id;
    };
    const first = await made({ imageType: "data", device: "/dev/vdb" });
    expect(await made({ imageType: "data", device: "/dev/vdb" })).to.equal(first);
    const second = await made({ imageType: "data", device: "/dev/vdc" });
    expect(second).not.to.equal(first);
    const third = await made({});
    expect([first, second]).not.to.include(third);
    const fourth = await made({ imageType: "full" });
    expect([first, second, third]).not.to.include(fourth);
    expect(await made({ imageType: "full" })).to.equal(fourth);
    expect(await made({})).to.equal(third);
  });
});

describe("an image taken over by adoptId", () => {
  it("is refused where the program states another type, device or encryption", async () => {
    const run = (await newWorld()).run();
    const vm = await up(run.engine.instances, run.instance("vm", { dataDisks: disks }));
    const image = await up(
      run.engine.images,
      run.image("data", byId(vm.id), { imageType: "data", device: "/dev/vdb" }),
    );
    await run.engine.images.remove(image.id, { onDelete: "retain" });
    const stated = { adoptId: image.id, imageType: "system", device: "/dev/vdc", encrypted: true } as const;
    const found = reasons(await run.engine.images.check(run.image("taken", undefined, stated)));
    expect(found).to.contain("imageType is data; the program states system");
    expect(found).to.contain("device is /dev/vdb; the program states /dev/vdc");
    expect(found).to.contain("encrypted is false; the program states true");
  });
});
