import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import type { DiskContent } from "../../../../provider/engine/disks/disk-store";
import type { ImageRecord } from "../../../../provider/engine/model";
import { UNKNOWN } from "../../../../provider/engine/requests";
import { byId, byName, CENTOS, golden, reasons, refusal, up } from "../world";
import type { TestRun } from "../world";
import { worlds } from "../worlds";

const newWorld = worlds();

const BYTES = Buffer.alloc(2 ** 20, "what the disk holds");

describe("replicas", () => {
  let folder: string;
  let diskFile: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "replicas-"));
    diskFile = join(folder, "disk.raw");
    await writeFile(diskFile, BYTES);
  });
  after(() => rm(folder, { recursive: true }));

  /** An image whose content can be told from others. */
  async function filled(run: TestRun, name = "golden"): Promise<ImageRecord> {
    const request = run.instance(`${name}-vm`, { diskFile, os: { osName: "CentOS", osVersion: "7.4" } });
    const instance = await up(run.engine.instances, request);
    return up(run.engine.images, run.image(name, byId(instance.id)));
  }

  async function replicated(run: TestRun, image: ImageRecord, name: string, options = {}) {
    return up(run.engine.replicas, run.replica(name, byId(image.id), options));
  }

  it("inherit architecture, kind, OS and lineage, and leave their source as it was", async () => {
    const world = await newWorld();
    const run = world.run();
    const { image } = await golden(run);
    const replica = await replicated(run, image, "second");
    const { architectures, imageType, os, minDisk, checksum } = image;
    expect(replica).to.deep.include({ architectures, imageType, os, minDisk, checksum, encrypted: false });
    expect(replica.lineage).to.deep.equal([
      { type: "image", id: image.id, name: "golden" },
      ...image.lineage,
    ]);
    expect(replica.source).to.deep.equal({ type: "image", id: image.id });
    expect(replica.scratch).to.equal(undefined);
    expect(await world.run().engine.images.read(image.id)).to.deep.equal(image);
    expect(await world.disks.checksum(replica.deviceMappings[0]!.id)).to.equal(image.checksum);
  });

  it("seal the content, each with a data key of its own, and unseal it again to the very same", async () => {
    const world = await newWorld();
    const run = world.run();
    const image = await filled(run);
    const sealed = await replicated(run, image, "sealed", { encrypted: true });
    expect(sealed.encrypted).to.equal(true);
    expect(sealed.kmsKeyId).to.match(/^key-/);
    expect(sealed.checksum).not.to.equal(image.checksum);
    const again = await replicated(run, sealed, "again");
    expect(again).to.include({ encrypted: true, kmsKeyId: sealed.kmsKeyId });
    expect(again.wrappedKey).not.to.equal(sealed.wrappedKey);
    const plain = await replicated(run, again, "plain", { encrypted: false });
    expect(plain).to.include({ encrypted: false, checksum: image.checksum });
    expect([plain.kmsKeyId, plain.wrappedKey]).to.deep.equal([undefined, undefined]);
    expect(await world.disks.checksum(plain.deviceMappings[0]!.id)).to.equal(image.checksum);
  });

  it("take the master key that the program names, and refuse what can't be used", async () => {
    const world = await newWorld();
    const run = world.run();
    const { image } = await golden(run);
    const owner = { region: "local", account: "default" };
    const stated = await world.keys.create(owner, { name: "stated" });
    const disabled = await world.keys.create(owner, { name: "disabled" });
    const sealed = await replicated(world.run(), image, "sealed", { encrypted: true, kmsKeyId: disabled.id });
    expect(sealed.kmsKeyId).to.equal(disabled.id);
    await world.keys.disable(disabled.id);
    const check = async (id: string, options: object) => {
      const next = world.run();
      return reasons(await next.engine.replicas.check(next.replica("x", byId(id), options)));
    };
    expect(await check(image.id, { encrypted: true, kmsKeyId: stated.id })).to.equal("");
    expect(await check(image.id, { encrypted: true, kmsKeyId: disabled.id })).to.contain(
      "kmsKeyId: Master key",
    );
    expect(await check(image.id, { encrypted: true, kmsKeyId: "key-none" })).to.contain(
      "no master key key-none",
    );
    expect(await check(image.id, { kmsKeyId: stated.id })).to.contain("for what isn't encrypted");
    expect(await check(sealed.id, { encrypted: false })).to.contain("is sealed under master key");
  });

  it("show in the preview what they will be, of an image that is planned too", async () => {
    const run = (await newWorld()).run();
    await run.engine.instances.check(run.instance("vm", { systemDisk: { type: "cloudDisk" } }));
    await run.engine.images.check(run.image("golden", byName("vm")));
    const { facts, violations } = await run.engine.replicas.check(
      run.replica("sealed", byName("golden"), { encrypted: true }),
    );
    expect(violations).to.deep.equal([]);
    expect(facts).to.include({
      architecture: "cloudDisk",
      imageType: "system",
      encrypted: true,
      minDisk: 20,
    });
    const again = await run.engine.replicas.check(run.replica("again", byName("sealed")));
    expect(again.facts).to.include({ encrypted: true });
    const shared = await run.engine.shares.check(run.share("s", byName("again"), "team-1"));
    expect(reasons(shared)).to.contain("can't be shared: it is encrypted");
  });

  it("count as private images and take a snapshot for each of theirs", async () => {
    const run = (await newWorld({ privateImages: 2, snapshots: 1 })).run();
    const { image } = await golden(run, "cloud", "cloudDisk");
    await golden(run, "local");
    const found = reasons(await run.engine.replicas.check(run.replica("x", byId(image.id))));
    expect(found).to.contain("allows account default 2 private images: 2 exist and 1 is planned");
    expect(found).to.contain("allows account default 1 snapshot");
  });

  it("are refused of a public image, a shared one, another's, and one that isn't there", async () => {
    const world = await newWorld();
    const owner = world.run();
    const { image } = await golden(owner);
    await up(owner.engine.shares, owner.share("s", byId(image.id), "team-1"));
    const check = async (id: string, account?: string) => {
      const run = world.run({ account });
      return reasons(await run.engine.replicas.check(run.replica("x", byId(id))));
    };
    expect(await check(CENTOS)).to.contain("only a private image can be replicated");
    expect(await check(image.id, "team-1")).to.contain("which can't replicate it");
    expect(await check(image.id, "team-2")).to.contain("belongs to account default");
    expect(await check("img-none")).to.contain("There is no image img-none");
  });

  it("are sealed or quick, never both, and say so where the source is sealed as well", async () => {
    const run = (await newWorld()).run();
    const { image } = await golden(run);
    const sealed = await replicated(run, image, "sealed", { encrypted: true });
    const quick = { quickProvisioning: true };
    const both = run.replica("x", byId(image.id), { ...quick, encrypted: true });
    expect(reasons(await run.engine.replicas.check(both))).to.contain(
      "quickProvisioning: An encrypted image",
    );
    const inherited = run.replica("y", byId(sealed.id), quick);
    expect(await refusal(run.engine.replicas.create(inherited))).to.contain("set encrypted: false");
    const plain = await replicated(run, sealed, "z", { ...quick, encrypted: false });
    expect(plain).to.include({ quickProvisioning: true, encrypted: false, checksum: image.checksum });
  });

  it("that are quick start an instance on top of them, which stands when they are gone", async () => {
    const world = await newWorld();
    const run = world.run();
    const { image } = await golden(run);
    const quick = await replicated(run, image, "quick", { quickProvisioning: true });
    const [{ id } = { id: "" }] = quick.deviceMappings;
    const instance = await up(run.engine.instances, run.instance("vm", { image: byId(quick.id) }));
    expect(instance.systemDisk.basedOn).to.deep.equal([id]);
    await run.engine.replicas.remove(quick.id);
    expect(await world.disks.stat(id)).not.to.equal(undefined);
    await run.engine.instances.remove(instance.id);
    expect(await world.disks.stat(id)).to.equal(undefined);
  });

  it("aren't deleted while they have members, unless their shares go with them or they are kept", async () => {
    const world = await newWorld();
    const run = world.run();
    const { image } = await golden(run);
    const conversion = await up(run.engine.conversions, run.conversion("conversion", byId(image.id)));
    const made = [conversion, await replicated(run, image, "replica")];
    for (const [index, { id, name }] of made.entries()) {
      const operations = index === 0 ? run.engine.conversions : run.engine.replicas;
      await up(run.engine.shares, run.share(`${name}-share`, byId(id), "team-1"));
      expect(await refusal(operations.remove(id))).to.contain("is shared with 1 account: team-1");
      await operations.remove(id, { onDelete: "retain" });
      expect((await operations.read(id))?.origin).to.equal(undefined);
      await operations.remove(id, { onDelete: "unshare" });
      expect(await operations.read(id)).to.equal(undefined);
    }
    expect((await world.catalog.snapshot()).shares).to.deep.equal([]);
  });

  it("that a killed run made are adopted, by the same request and by no other", async () => {
    const world = await newWorld();
    const run = world.run();
    const { image } = await golden(run);
    const first = await replicated(run, image, "copy", { encrypted: true });
    const other = world.run();
    const plain = await up(other.engine.replicas, other.replica("copy", byId(image.id)));
    expect(plain.id).not.to.equal(first.id);
    const converted = world.run();
    const conversion = await up(converted.engine.conversions, converted.conversion("copy", byId(image.id)));
    expect([first.id, plain.id]).not.to.include(conversion.id);
    const same = world.run();
    const adopted = await up(same.engine.replicas, same.replica("copy", byId(image.id), { encrypted: true }));
    expect(adopted.id).to.equal(first.id);
  });

  it("that a killed run made may be what is asked for while part of that isn't known, and take no place", async () => {
    const world = await newWorld({ privateImages: 2 });
    const run = world.run();
    const { image } = await golden(run);
    await replicated(run, image, "copy", { encrypted: true });
    const next = world.run();
    const request = next.replica("copy", byId(image.id), { encrypted: UNKNOWN });
    expect(reasons(await next.engine.replicas.check(request))).to.equal("");
  });

  it("take over no conversion, and nothing that is other than they state", async () => {
    const world = await newWorld();
    const run = world.run();
    const { image } = await golden(run);
    const replica = await replicated(run, image, "replica");
    const conversion = await up(run.engine.conversions, run.conversion("conversion", byId(image.id)));
    for (const { id } of [replica, conversion]) await run.engine.images.remove(id, { onDelete: "retain" });
    const check = async (options: object) => {
      const next = world.run();
      return reasons(await next.engine.replicas.check(next.replica("x", byId(image.id), options)));
    };
    expect(await check({ adoptId: conversion.id })).to.contain("it isn't a replica of an image");
    expect(await check({ adoptId: replica.id, encrypted: true })).to.contain("its encrypted is false");
    expect(await check({ adoptId: replica.id })).to.equal("");
  });

  it("change their settings in place, and are made anew for the rest", async () => {
    const run = (await newWorld()).run();
    const { image } = await golden(run);
    const request = run.replica("copy", byId(image.id), { encrypted: true });
    const replica = await up(run.engine.replicas, request);
    const { creationToken: oldToken } = request.declaration;
    const change = run.replica("copy", byId(image.id), { encrypted: true, name: "new" }, { oldToken });
    expect(reasons(await run.engine.replicas.check(change))).to.equal("");
    const changed = await run.engine.replicas.update(replica.id, change);
    expect(changed).to.deep.equal({ ...replica, name: "new" });
  });

  it("stand when their source goes while they are made: it is held until then", async () => {
    const world = await newWorld();
    const image = await filled(world.run());
    const run = world.run();
    const request = run.replica("sealed", byId(image.id), { encrypted: true });
    await run.engine.replicas.check(request);
    const { copy } = world.disks;
    world.disks.copy = async (...args): Promise<DiskContent> => {
      world.disks.copy = copy;
      await world.run().engine.images.remove(image.id);
      return world.disks.copy(...args);
    };
    const sealed = await run.engine.replicas.create(request);
    const held = image.deviceMappings[0]!.id;
    expect(await world.disks.stat(held)).to.equal(undefined);
    const next = world.run();
    const plain = await replicated(next, sealed, "plain", { encrypted: false });
    expect(plain.checksum).to.equal(image.checksum);
  });

  it("that fail leave no record, no content and their source as it was", async () => {
    const world = await newWorld();
    const { image } = await golden(world.run());
    const contents = (await world.disks.list()).sort();
    const run = world.run();
    world.disks.copy = () => Promise.reject(new Error("the disk is full"));
    const request = run.replica("sealed", byId(image.id), { encrypted: true });
    const failed = await run.engine.replicas.create(request).catch(String);
    expect(failed).to.contain("Creating replica sealed failed: the disk is full");
    expect((await world.disks.list()).sort()).to.deep.equal(contents);
    const { images } = await world.catalog.snapshot();
    expect(images.filter(({ account }) => account).map(({ id }) => id)).to.deep.equal([image.id]);
  });
});
