import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect } from "chai";
import type { ImageRecord } from "../../../../provider/engine/model";
import type { ImageSettings } from "../../../../provider/engine/requests";
import { ViolationError } from "../../../../provider/engine/violation";
import { itEmbedded } from "../../../support/regions/region-under-test";
import { byId, byName, golden, reasons, refusal, up } from "../world";
import type { TestRun } from "../world";
import { worlds } from "../worlds";

const newWorld = worlds();

const CENTOS_6_5 = "img-pub-centos-6-5";

async function onlyCentos65(run: TestRun): Promise<ImageRecord> {
  const vm = await up(run.engine.instances, run.instance("vm", { image: byId(CENTOS_6_5) }));
  return up(run.engine.images, run.image("golden", byId(vm.id)));
}

async function dataImage(run: TestRun): Promise<ImageRecord> {
  const volume = await up(run.engine.volumes, run.volume("store", { size: 10 }));
  return up(run.engine.images, run.image("golden", undefined, { volume: byId(volume.id) }));
}

describe("the settings of an image", () => {
  const refused: [string, (run: TestRun) => Promise<ImageRecord>, ImageSettings, RegExp][] = [
    [
      "NIC multi-queue for an OS that is too old for it",
      onlyCentos65,
      { nicMultiqueue: true },
      /^nicMultiqueue: .* holds CentOS 6\.5, and NIC multi-queue is supported from version 6\.8 on/,
    ],
    ["a minDisk below the disk", onlyCentos65, { minDisk: 19 }, /less than the 20 GiB of the system disk/],
    ["a minDisk above what a system disk can be", onlyCentos65, { minDisk: 501 }, /whole GiB from 1 to 500/],
    ["a minRam above maxRam", onlyCentos65, { minRam: 2048, maxRam: 1024 }, /^minRam: .* more than maxRam/],
    ["a minDisk below a data disk", dataImage, { minDisk: 9 }, /less than the 10 GiB of the data disk/],
    ["memory for a data image", dataImage, { minRam: 512 }, /^minRam: A data image .* have no memory/],
    ["NIC multi-queue for a data image", dataImage, { nicMultiqueue: true }, /have no network card/],
    ["an SR-IOV driver for a data image", dataImage, { sriovDriver: true }, /have no network card/],
    ["a tag with the reserved prefix", onlyCentos65, { tags: { "images:x": "y" } }, /images: is reserved/],
  ];
  for (const [what, make, settings, reason] of refused) {
    it(`refuse ${what} in the preview of a change and in the change, which leaves the image as it was`, async () => {
      const world = await newWorld();
      const image = await make(world.run());
      const run = world.run();
      const declaration = { oldToken: image.origin!.creationToken };
      const source = byId(image.source!.id);
      const request =
        image.source!.type === "volume"
          ? run.image("golden", undefined, { volume: source, ...settings }, declaration)
          : run.image("golden", source, settings, declaration);
      expect(reasons(await run.engine.images.check(request))).to.match(reason);
      expect(await refusal(run.engine.images.update(image.id, request))).to.match(reason);
      const left = await world.run().engine.images.read(image.id);
      // The check may have marked it as seen by now.
      expect({ ...left, origin: image.origin }).to.deep.equal(image);
    });
  }

  it("are judged the same in conversions and replicas, of images that are only planned too", async () => {
    const run = (await newWorld()).run();
    await run.engine.instances.check(run.instance("vm", { image: byId(CENTOS_6_5) }));
    await run.engine.images.check(run.image("golden", byName("vm")));
    const settings = { nicMultiqueue: true, minDisk: 1 };
    const expected = /minDisk 1 is less than the 20 GiB .*golden.*\n.*nicMultiqueue: .* holds CentOS 6\.5/s;
    const conversion = run.conversion("cloud", byName("golden"), settings);
    expect(reasons(await run.engine.conversions.check(conversion))).to.match(expected);
    const replica = run.replica("copy", byName("golden"), settings);
    expect(reasons(await run.engine.replicas.check(replica))).to.match(expected);
  });

  it("ask for the OS facts that a disk file's import didn't state", async () => {
    const world = await newWorld();
    const before = world.run();
    const folder = await mkdtemp(join(tmpdir(), "images-settings-"));
    const diskFile = join(folder, "disk.raw");
    await writeFile(diskFile, Buffer.alloc(512));
    const vm = await up(before.engine.instances, before.instance("vm", { diskFile }));
    await rm(folder, { recursive: true });
    const image = await up(before.engine.images, before.image("golden", byId(vm.id)));
    const run = world.run();
    const found = await run.engine.replicas.check(run.replica("x", byId(image.id), { sriovDriver: true }));
    expect(reasons(found)).to.contain("its osName, osVersion, cpuArchitecture aren't known. State os with");
  });

  it("stay as they are in an image that is taken over, whatever its OS", async () => {
    const world = await newWorld();
    const image = await onlyCentos65(world.run());
    await world.catalog.transaction((tx) => tx.update("image", image.id, { nicMultiqueue: true }));
    await world.run().engine.images.remove(image.id, { onDelete: "retain" });
    const run = world.run();
    const adopted = await up(run.engine.images, run.image("x", undefined, { adoptId: image.id }));
    expect(adopted).to.include({ id: image.id, nicMultiqueue: true });
  });

  // Of images that no operation makes, and a team's database therefore refuses.
  itEmbedded(
    "are refused in the preview exactly where they are refused in the work, whatever they are",
    async () => {
      await fc.assert(
        fc.asyncProperty(source, settings, settings, async (image, first, second) => {
          const world = await newWorld();
          const { id } = (await golden(world.run())).image;
          await world.catalog.transaction((tx) => tx.update("image", id, image));
          const run = world.run();
          const request = run.replica("copy", byId(id), first);
          const found = reasons(await run.engine.replicas.check(request));
          const made = await run.engine.replicas.create(request).catch(words);
          expect(typeof made === "string" ? made : "").to.equal(found);
          if (typeof made === "string") return;
          const next = world.run();
          const { creationToken: oldToken } = request.declaration;
          const change = next.replica("copy", byId(id), second, { oldToken });
          const refused = reasons(await next.engine.replicas.check(change));
          const changed = await next.engine.replicas.update(made.id, change).catch(words);
          expect(typeof changed === "string" ? changed : "").to.equal(refused);
        }),
        { numRuns: 200 },
      );
    },
  );
});

const source: fc.Arbitrary<Partial<ImageRecord>> = fc.record({
  imageType: fc.constantFrom("system", "data", "full"),
  os: fc.record(
    {
      osName: fc.constantFrom("CentOS", "Windows Server", "Plan 9"),
      osVersion: fc.constantFrom("6.5", "7.4", "2008 R2", "fourth edition"),
      cpuArchitecture: fc.constantFrom("x86_64", "arm64"),
    },
    { requiredKeys: [] },
  ),
});
const amount = fc.constantFrom(undefined, undefined, 0, 1, 20, 40, 512, 1.5);
const flag = fc.constantFrom(undefined, true, false);
const settings: fc.Arbitrary<ImageSettings> = fc.record({
  minDisk: amount,
  minRam: amount,
  maxRam: amount,
  nicMultiqueue: flag,
  sriovDriver: flag,
  tags: fc.constantFrom<ImageSettings["tags"]>(undefined, { a: "b" }, { "images:a": "b" }),
});

/** The reasons of a refusal, as those of a check are put. */
function words(error: unknown): string {
  if (!ViolationError.is(error)) throw error;
  return error.violations.map(({ property, reason }) => `${property}: ${reason}`).join("\n");
}
