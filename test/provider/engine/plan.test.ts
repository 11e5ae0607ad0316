import { expect } from "chai";
import { UNKNOWN } from "../../../provider/engine/requests";
import { ACCOUNT, byId, byName, golden, reasons, refusal, up, urn, WINDOWS } from "./world";
import type { TestRun, World } from "./world";
import { worlds } from "./worlds";

const newWorld = worlds();

/** A region in which `count` images stand, each made by a run that its state remembers. */
async function withImages(count: number, quotas = {}) {
  const world = await newWorld(quotas);
  const run = world.run();
  const vm = await up(run.engine.instances, run.instance("vm"));
  const images = [];
  const requests = [];
  for (let i = 1; i <= count; i++) {
    const request = run.image(`image-${i}`, byId(vm.id));
    requests.push(request);
    images.push(await up(run.engine.images, request));
  }
  const tokens = requests.map(({ declaration }) => declaration.creationToken);
  return { world, vm, images, tokens };
}

async function plan(run: TestRun, count: number) {
  await run.engine.instances.check(run.instance("vm"));
  const checks = [];
  for (let i = 1; i <= count; i++)
    checks.push(await run.engine.images.check(run.image(`image-${i}`, byName("vm"))));
  return checks.map(reasons);
}

describe("the plan of a run", () => {
  it("has room for five images in an empty account and refuses the sixth, with the figures", async () => {
    const found = await plan((await newWorld()).run(), 6);
    expect(found.slice(0, 5)).to.deep.equal(["", "", "", "", ""]);
    expect(found[5]).to.equal(
      "instanceId: Region local allows account default 5 private images: 0 exist and 6 are planned in this run, which makes 6. " +
        "The places are held by image-1 (planned in this run), image-2 (planned in this run), image-3 (planned in this run), " +
        "image-4 (planned in this run), image-5 (planned in this run). Declare fewer, or ask the operator to raise privateImages.",
    );
  });

  it("counts a second check of the same resource once", async () => {
    const run = (await newWorld()).run();
    await run.engine.instances.check(run.instance("vm"));
    for (let i = 0; i < 7; i++) {
      expect(reasons(await run.engine.images.check(run.image("golden", byName("vm"))))).to.equal("");
    }
  });

  it("refuses one more where five stand, and names them", async () => {
    const { world, vm, images } = await withImages(5);
    const run = world.run();
    const found = reasons(await run.engine.images.check(run.image("new", byId(vm.id))));
    expect(found).to.contain("5 exist and 1 is planned in this run, which makes 6.");
    for (const { id, name } of images) expect(found).to.contain(`${name} (${id})`);
    expect(found).to.contain("delete one image in a run of its own first");
  });

  it("refuses to replace one of five, which comes before the deletion, and names the way out", async () => {
    const { world, vm, tokens } = await withImages(5);
    const run = world.run();
    const keeps = await run.engine.images.check(
      run.image("image-1", byId(vm.id), {}, { oldToken: tokens[0] }),
    );
    expect(reasons(keeps)).to.equal("");
    const replaces = await run.engine.images.check(run.image("image-1", byId(vm.id)));
    expect(reasons(replaces)).to.contain("deleteBeforeReplace: true");
    expect(reasons(replaces)).to.contain("which makes 6");
  });

  it("gives the place back to a replacement that deletes first", async () => {
    const { world, vm, images, tokens } = await withImages(5);
    const run = world.run();
    const first = run.image("image-1", byId(vm.id), {}, { oldToken: tokens[0] });
    await run.engine.images.check(first);
    const second = run.image("image-1", byId(vm.id), {}, { deleteBeforeReplace: true });
    expect(reasons(await run.engine.images.check(second))).to.equal("");
    const more = await run.engine.images.check(run.image("one-more", byId(vm.id)));
    expect(reasons(more)).to.contain("4 exist and 2 are planned in this run, which makes 6");
    await run.engine.images.remove(images[0]!.id, { account: ACCOUNT });
    const made = await run.engine.images.create(second);
    expect(made.id).not.to.equal(images[0]!.id);
  });

  it("gives back the places of what hangs on such an image and is replaced with it, and of nothing else", async () => {
    const { world, images, tokens, vm } = await withImages(3, { privateImages: 5 });
    const before = world.run();
    const conversion = before.conversion("cloud", byId(images[0]!.id));
    await up(before.engine.conversions, conversion);
    const aside = before.conversion("aside", byId(images[1]!.id));
    await up(before.engine.conversions, aside);

    const run = world.run();
    const dbr = { deleteBeforeReplace: true };
    await run.engine.images.check(run.image("image-1", byId(vm.id), {}, { oldToken: tokens[0] }));
    expect(reasons(await run.engine.images.check(run.image("image-1", byId(vm.id), {}, dbr)))).to.equal("");
    const oldToken = conversion.declaration.creationToken;
    await run.engine.conversions.check(run.conversion("cloud", byName("image-1"), {}, { oldToken }));
    expect(reasons(await run.engine.conversions.check(run.conversion("cloud", byName("image-1"))))).to.equal(
      "",
    );
    const asideToken = aside.declaration.creationToken;
    await run.engine.conversions.check(
      run.conversion("aside", byId(images[1]!.id), {}, { oldToken: asideToken }),
    );
    const replaced = await run.engine.conversions.check(run.conversion("aside", byId(images[1]!.id)));
    expect(reasons(replaced)).to.contain("which makes 6");
  });

  it("gives back what Pulumi deletes with an image and asks for again with no old inputs", async () => {
    const { world, images, tokens, vm } = await withImages(1, { acceptedShares: 1 });
    const before = world.run();
    const share = before.share("share", byId(images[0]!.id), "team-1");
    await up(before.engine.shares, share);
    const { creationToken: oldToken } = share.declaration;
    const seen = world.run();
    await seen.engine.shares.check(seen.share("share", byId(images[0]!.id), "team-1", {}, { oldToken }));
    await seen.engine.close();

    const run = world.run();
    const dbr = { deleteBeforeReplace: true };
    await run.engine.images.check(run.image("image-1", byId(vm.id), {}, { oldToken: tokens[0], ...dbr }));
    await run.engine.images.check(run.image("image-1", byId(vm.id), {}, dbr));
    const again = await run.engine.shares.check(run.share("share", byName("image-1"), "team-1"));
    expect(reasons(again)).to.equal("");
  });

  it("moves a finished creation from planned to present, and forgets a failed one", async () => {
    const world = (await newWorld()).withoutForesight();
    const run = world.run();
    const vm = await up(run.engine.instances, run.instance("vm"));
    for (let i = 1; i <= 4; i++) await up(run.engine.images, run.image(`image-${i}`, byId(vm.id)));
    world.disks.copy = () => Promise.reject(new Error("the disk is full"));
    const fails = run.image("fails", byId(vm.id));
    expect(reasons(await run.engine.images.check(fails))).to.equal("");
    const error = await run.engine.images.create(fails).catch((error: Error) => error);
    expect(error).to.be.instanceOf(Error);
    const next = await run.engine.images.check(run.image("next", byId(vm.id)));
    expect(reasons(next)).to.equal("");
    const { images } = await world.catalog.snapshot();
    expect(images.filter(({ visibility }) => visibility === "private")).to.have.length(4);
  });

  it("sees the update of one resource in the check of another", async () => {
    const { world, vm, tokens } = await withImages(1);
    const run = world.run();
    await run.engine.images.check(
      run.image("image-1", byId(vm.id), { minDisk: 100 }, { oldToken: tokens[0] }),
    );
    const small = run.instance("small", {
      image: byName("image-1"),
      systemDisk: { type: "localDisk", size: 60 },
    });
    expect(reasons(await run.engine.instances.check(small))).to.contain("needs 100 GiB or more");
    expect((await run.engine.images.read((await withId(world, "image-1"))!))?.minDisk).to.equal(
      vm.systemDisk.size,
    );
  });

  it("lets rules wait where neither the ID nor its declaration is known", async () => {
    const run = (await newWorld()).run();
    const unknown = { id: UNKNOWN, declaredBy: urn("elsewhere") } as const;
    const { facts, violations } = await run.engine.images.check(
      run.image("golden", unknown, { architecture: "cloudDisk" }),
    );
    expect(violations).to.deep.equal([]);
    expect(facts.architecture).to.equal(UNKNOWN);
    expect(reasons(await run.engine.shares.check(run.share("s", { id: UNKNOWN }, "team-1")))).to.equal("");
    expect(
      reasons(await run.engine.images.check(run.image("g2", unknown, {}, { account: UNKNOWN }))),
    ).to.equal("");
  });

  it("falls back to what the declaration made before, where the resource is unchanged", async () => {
    const { world, vm } = await withImages(1);
    const run = world.run();
    const { facts } = await run.engine.images.check(
      run.image("again", { id: UNKNOWN, declaredBy: vm.origin!.declaredBy }),
    );
    expect(facts.architecture).to.equal("localDisk");
  });
});

describe("a creation that a run was cut off from", () => {
  it("is adopted by the next run, takes no further place, and gets the program's settings", async () => {
    const { world, vm, images } = await withImages(5);
    const next = world.run();
    const request = next.image("image-5", byId(vm.id), { description: "second try" });
    expect(reasons(await next.engine.images.check(request))).to.equal("");
    const adopted = await next.engine.images.create(request);
    expect(adopted.id).to.equal(images[4]!.id);
    expect(adopted.description).to.equal("second try");
    expect(adopted.origin?.creationToken).to.equal(request.declaration.creationToken);
  });

  it("is adopted through what was cut off with it", async () => {
    const world = await newWorld();
    const { instance, image } = await golden(world.run());
    const run = world.run();
    await run.engine.instances.check(run.instance("golden-vm"));
    const again = run.image("golden", byName("golden-vm"));
    expect(reasons(await run.engine.images.check(again))).to.equal("");
    expect((await run.engine.instances.create(run.instance("golden-vm"))).id).to.equal(instance.id);
    expect((await run.engine.images.create(run.image("golden", byId(instance.id)))).id).to.equal(image.id);
  });

  it("isn't adopted once a later run has seen its token", async () => {
    const { world, vm, images, tokens } = await withImages(5);
    const later = world.run();
    await later.engine.images.check(later.image("image-5", byId(vm.id), {}, { oldToken: tokens[4] }));
    await later.engine.close();
    const run = world.run();
    const request = run.image("image-5", byId(vm.id));
    expect(reasons(await run.engine.images.check(request))).to.contain("which makes 6");
    await run.engine.images.remove(images[0]!.id);
    expect((await run.engine.images.create(request)).id).not.to.equal(images[4]!.id);
  });

  it("isn't adopted by the replacement of the very image that the state knows", async () => {
    const { world, vm, images, tokens } = await withImages(1);
    const run = world.run();
    await run.engine.images.check(run.image("image-1", byId(vm.id), {}, { oldToken: tokens[0] }));
    const replacement = run.image("image-1", byId(vm.id));
    await run.engine.images.check(replacement);
    expect((await run.engine.images.create(replacement)).id).not.to.equal(images[0]!.id);
  });

  it("isn't adopted by a resource that names another source", async () => {
    const { world, images } = await withImages(1);
    const run = world.run();
    const other = await up(run.engine.instances, run.instance("other", { image: byId(WINDOWS) }));
    const made = await up(run.engine.images, run.image("image-1", byId(other.id)));
    expect(made.id).not.to.equal(images[0]!.id);
  });
});

describe("taking over an image by adoptId", () => {
  it("takes no further place and keeps what the program doesn't state", async () => {
    const { world, images } = await withImages(5);
    const run = world.run();
    await run.engine.images.remove(images[2]!.id, { onDelete: "retain", account: ACCOUNT });
    const request = run.image("mine", undefined, { adoptId: images[2]!.id, description: "kept" });
    const checked = await run.engine.images.check(request);
    expect(reasons(checked)).to.equal("");
    expect(checked.facts).to.include({ name: "image-3", architecture: "localDisk" });
    const adopted = await run.engine.images.create(request);
    expect(adopted).to.include({ id: images[2]!.id, name: "image-3", description: "kept" });
    expect(adopted.origin?.declaredBy).to.equal(urn("mine"));
  });

  it("is refused for one that another program declares, and says which and the way out", async () => {
    const { world, vm, images, tokens } = await withImages(1);
    const later = world.run();
    await later.engine.images.check(later.image("image-1", byId(vm.id), {}, { oldToken: tokens[0] }));
    await later.engine.close();
    const run = world.run();
    const found = reasons(
      await run.engine.images.check(run.image("mine", undefined, { adoptId: images[0]!.id })),
    );
    expect(found)
      .to.contain(`is declared by ${urn("image-1")} already`)
      .and.to.contain('onDelete: "retain"');
  });

  it("is refused for what doesn't exist, another's image, a public image, and one of another source", async () => {
    const { world, images, vm } = await withImages(1);
    const run = world.run();
    const check = async (adoptId: string, account = ACCOUNT) =>
      reasons(await run.engine.images.check(run.image("mine", undefined, { adoptId }, { account })));
    expect(await check("img-none")).to.contain("There is no image img-none in region local");
    expect(await check(images[0]!.id, "team-1")).to.contain("belongs to account default");
    expect(await check(WINDOWS)).to.contain("only a private image can be taken over");
    const unlike = run.image("image-1", byId("i-other"), { adoptId: images[0]!.id });
    expect(reasons(await run.engine.images.check(unlike))).to.contain(
      `its instanceId is ${vm.id}; the program states i-other`,
    );
  });

  it("is refused for the image that it would replace", async () => {
    const { world, vm, images, tokens } = await withImages(1);
    const run = world.run();
    const adoptId = images[0]!.id;
    await run.engine.images.check(run.image("image-1", byId(vm.id), { adoptId }, { oldToken: tokens[0] }));
    const replacement = run.image("image-1", byId(vm.id), { adoptId });
    expect(reasons(await run.engine.images.check(replacement))).to.contain(
      "can't take over what is then deleted",
    );
    expect(await refusal(run.engine.images.create(replacement))).to.contain("can't take over");
  });
});

async function withId(world: World, name: string): Promise<string | undefined> {
  const { images } = await world.catalog.snapshot();
  return images.find((image) => image.name === name)?.id;
}
