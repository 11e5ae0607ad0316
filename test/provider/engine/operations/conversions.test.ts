import { expect } from "chai";
import type { DiskContent } from "../../../../provider/engine/disks/disk-store";
import type { DeviceMapping, ImageRecord } from "../../../../provider/engine/model";
import { newGate } from "../../../support/gate";
import { byId, byName, CENTOS, golden, reasons, refusal, up } from "../world";
import type { World } from "../world";
import { worlds } from "../worlds";

const newWorld = worlds();

describe("conversions", () => {
  it("make a cloudDisk image that serves cloud-disk instances, and leave their source as it was", async () => {
    const world = await newWorld();
    const run = world.run();
    const { image } = await golden(run);
    const converted = await up(
      run.engine.conversions,
      run.conversion("cloud", byId(image.id), { name: "golden cloud" }),
    );
    expect(converted).to.deep.include({
      name: "golden cloud",
      architectures: ["cloudDisk"],
      checksum: image.checksum,
    });
    expect(converted.lineage[0]).to.deep.equal({ type: "image", id: image.id, name: "golden" });
    expect(await world.run().engine.images.read(image.id)).to.deep.equal(image);
    await up(
      run.engine.instances,
      run.instance("web", { image: byId(converted.id), systemDisk: { type: "cloudDisk" } }),
    );
  });

  it("stand when their source is gone", async () => {
    const world = await newWorld();
    const run = world.run();
    const { image } = await golden(run);
    const converted = await up(run.engine.conversions, run.conversion("cloud", byId(image.id)));
    await run.engine.images.remove(image.id);
    expect(await world.disks.stat(converted.deviceMappings[0]!.id)).not.to.equal(undefined);
  });

  it("count as private images and take a snapshot", async () => {
    const run = (await newWorld({ privateImages: 2, snapshots: 0 })).run();
    const { image } = await golden(run);
    await golden(run, "second");
    const found = reasons(await run.engine.conversions.check(run.conversion("cloud", byId(image.id))));
    expect(found).to.contain("allows account default 2 private images: 2 exist and 1 is planned");
    expect(found).to.contain("allows account default 0 snapshots");
  });

  it("are refused of a cloudDisk image, a public one, a shared one, and one that isn't there", async () => {
    const world = await newWorld();
    const owner = world.run();
    const { image } = await golden(owner);
    const { image: cloud } = await golden(owner, "cloud", "cloudDisk");
    await up(owner.engine.shares, owner.share("s", byId(image.id), "team-1"));
    const check = async (id: string, account?: string) => {
      const run = world.run({ account });
      return reasons(await run.engine.conversions.check(run.conversion("x", byId(id))));
    };
    expect(await check(cloud.id)).to.contain("is a cloudDisk image already");
    expect(await check(CENTOS)).to.contain("only a private image can be converted");
    expect(await check(image.id, "team-1")).to.contain("which can't convert it");
    expect(await check(image.id, "team-2")).to.contain("belongs to account default");
    expect(await check("img-none")).to.contain("There is no image img-none");
  });

  it("never state localDisk", async () => {
    const run = (await newWorld()).run();
    const { image } = await golden(run);
    const request = run.conversion("x", byId(image.id), { architecture: "localDisk" });
    expect(reasons(await run.engine.conversions.check(request))).to.contain("there is no way back");
  });

  it("are refused of an image of another run's running conversion, and block its deletion", async () => {
    const world = await newWorld();
    const { image } = await golden(world.run());
    world.disks.foresee = undefined;
    const slow = world.run();
    const request = slow.conversion("slow", byId(image.id));
    await slow.engine.conversions.check(request);
    const [started, end] = [newGate(), newGate()];
    const share = world.disks.share.bind(world.disks);
    world.disks.share = async (from, to): Promise<DiskContent> => {
      started.open();
      await end.opened;
      return share(from, to);
    };
    const running = slow.engine.conversions.create(request);
    await started.opened;
    const other = world.run();
    const found = reasons(await other.engine.conversions.check(other.conversion("x", byId(image.id))));
    expect(found).to.contain("is being converted, to slow (img-");
    expect(await refusal(other.engine.images.remove(image.id))).to.contain("is being converted");
    end.open();
    await running;
    expect(
      reasons(await world.run().engine.conversions.check(other.conversion("y", byId(image.id)))),
    ).to.equal("");
  });

  it("of one image in one program run one after the other", async () => {
    const run = (await newWorld()).run();
    const { image } = await golden(run);
    const requests = [run.conversion("a", byId(image.id)), run.conversion("b", byId(image.id))];
    for (const request of requests) expect(reasons(await run.engine.conversions.check(request))).to.equal("");
    const made = await Promise.all(requests.map((request) => run.engine.conversions.create(request)));
    expect(made.map(({ status }) => status)).to.deep.equal(["active", "active"]);
  });

  it("of an image that is planned know what they will be", async () => {
    const run = (await newWorld()).run();
    await run.engine.instances.check(run.instance("vm"));
    await run.engine.images.check(run.image("golden", byName("vm")));
    const { facts, violations } = await run.engine.conversions.check(
      run.conversion("cloud", byName("golden")),
    );
    expect(violations).to.deep.equal([]);
    expect(facts).to.include({
      architecture: "cloudDisk",
      osName: "CentOS",
      minDisk: 20,
      imageType: "system",
    });
    const again = await run.engine.conversions.check(run.conversion("twice", byName("cloud")));
    expect(reasons(again)).to.contain("is a cloudDisk image already");
  });

  it("of a full image hold its data snapshots together with it, layers and all: each goes with its last image", async () => {
    const world = await newWorld();
    const [first, image] = (await fullImages(world, 2)) as [ImageRecord, ImageRecord];
    const run = world.run();
    await run.engine.images.remove(first.id);
    const [system, data] = image.deviceMappings as [DeviceMapping, DeviceMapping];
    const layers = [...system.basedOn!, ...data.basedOn!];
    expect(await standing(world, layers)).to.have.length(2);
    const converted = await up(run.engine.conversions, run.conversion("cloud", byId(image.id)));
    const [snapshot, ...rest] = converted.deviceMappings;
    expect(snapshot).to.deep.include({ device: "/dev/vda", kind: "snapshot", basedOn: system.basedOn });
    expect(rest).to.deep.equal([data]);
    expect(converted).to.include({ imageType: "full" });
    await run.engine.images.remove(image.id);
    expect(await standing(world, [system.id, data.id, ...layers])).to.deep.equal([data.id, ...layers]);
    await run.engine.conversions.remove(converted.id);
    expect(await standing(world, [snapshot!.id, data.id, ...layers])).to.deep.equal([]);
  });

  it("of a full image take one snapshot more, however many it has", async () => {
    const found = async (snapshots: number) => {
      const world = await newWorld({ snapshots });
      const [{ id }] = (await fullImages(world, 1)) as [ImageRecord];
      const run = world.run();
      return reasons(await run.engine.conversions.check(run.conversion("cloud", byId(id))));
    };
    expect(await found(2)).to.equal("");
    expect(await found(1)).to.contain("allows account default 1 snapshot");
  });

  it("of an encrypted image are sealed under a data key of their own", async () => {
    const world = await newWorld();
    const run = world.run();
    const { image } = await golden(run);
    const sealed = await up(run.engine.replicas, run.replica("sealed", byId(image.id), { encrypted: true }));
    const converted = await up(run.engine.conversions, run.conversion("cloud", byId(sealed.id)));
    expect(converted).to.include({ encrypted: true, kmsKeyId: sealed.kmsKeyId });
    expect(converted.wrappedKey).to.be.a("string").and.not.equal(sealed.wrappedKey);
    await run.engine.images.remove(sealed.id);
    const plain = run.replica("plain", byId(converted.id), { encrypted: false });
    const { checksum, architectures } = await up(run.engine.replicas, plain);
    expect({ checksum, architectures }).to.deep.equal({
      checksum: image.checksum,
      architectures: ["cloudDisk"],
    });
  });

  it("of an encrypted image are refused while its master key is disabled, and lose nothing", async () => {
    const world = await newWorld();
    const run = world.run();
    const { image } = await golden(run);
    const sealed = await up(run.engine.replicas, run.replica("sealed", byId(image.id), { encrypted: true }));
    await world.keys.disable(sealed.kmsKeyId!);
    const next = world.run();
    const request = next.conversion("cloud", byId(sealed.id));
    expect(reasons(await next.engine.conversions.check(request))).to.contain("is disabled. Enable it");
    expect(await refusal(next.engine.conversions.create(request))).to.contain("is disabled. Enable it");
    await world.keys.enable(sealed.kmsKeyId!);
    const enabled = world.run();
    await up(enabled.engine.conversions, enabled.conversion("cloud", byId(sealed.id)));
  });

  it("take over no replica", async () => {
    const world = await newWorld();
    const run = world.run();
    const { image } = await golden(run);
    const replica = await up(run.engine.replicas, run.replica("replica", byId(image.id)));
    await run.engine.replicas.remove(replica.id, { onDelete: "retain" });
    const next = world.run();
    const request = next.conversion("x", byId(image.id), { adoptId: replica.id });
    expect(reasons(await next.engine.conversions.check(request))).to.contain(
      "it isn't a conversion of an image",
    );
  });
});

/** localDisk images of an instance's two disks, one after another: each but the first is what differs from the one before. */
async function fullImages(world: World, count: number): Promise<ImageRecord[]> {
  const { engine } = world.run();
  const vm = await up(engine.instances, world.run().instance("full-vm", { dataDisks: [{ size: 1 }] }));
  const images: ImageRecord[] = [];
  for (let made = 0; made < count; made++) {
    const run = world.run();
    images.push(await up(run.engine.images, run.image(`full-${made}`, byId(vm.id), { imageType: "full" })));
  }
  await world.run().engine.instances.remove(vm.id);
  return images;
}

async function standing(world: World, ids: string[]): Promise<string[]> {
  const held = new Set(await world.disks.list());
  return ids.filter((id) => held.has(id));
}
