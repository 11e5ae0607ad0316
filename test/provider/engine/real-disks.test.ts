import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { openRegion } from "../../../provider/engine/open-region";
import type { ImageEngine } from "../../../provider/engine/engine";
import { newRegion } from "../../support/regions/region-under-test";
import type { TestRegion } from "../../support/regions/test-region";
import { byId, TestRun, up } from "./world";

/** Debian has those of file systems outside an ordinary user's path. */
const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };
const FILES = { note: "kept through every copy\n", later: "written after the first backup\n" };

function run(tool: string, ...args: string[]): string {
  const { status, stdout, stderr, error } = spawnSync(tool, args, { env, encoding: "utf8" });
  if (status !== 0) throw new Error(`${tool} ${args.join(" ")}: ${stderr || String(error)}`);
  return stdout;
}

/** Disks with a file system on them, in a region. */
describe("files on real disks", function () {
  let folder: string;
  let region: TestRegion;
  before(async function () {
    const tools = ["qemu-img", "mkfs.ext4", "debugfs"];
    if (tools.some((tool) => spawnSync(tool, ["-V"], { env }).error)) this.skip();
    folder = await mkdtemp(join(tmpdir(), "real-disks-"));
    region = await newRegion();
    await mkdir(join(folder, "files"));
    await writeFile(join(folder, "files", "note"), FILES.note);
  });
  after(async () => {
    await region?.remove();
    if (folder) await rm(folder, { recursive: true });
  });

  /** One run of a program. */
  async function inRun<T>(work: (run: TestRun, engine: ImageEngine) => Promise<T>): Promise<T> {
    const engine = await openRegion({ endpoint: region.endpoint });
    try {
      return await work(new TestRun(engine, {}), engine);
    } finally {
      await engine.close();
    }
  }

  /** A file of the file system on a disk; undefined where there is none. */
  function fileOn(id: string, name: keyof typeof FILES): Promise<string | undefined> {
    return region.withContent(id, undefined, async (disk) => {
      return run("debugfs", "-R", `cat /${name}`, disk) || undefined;
    });
  }

  it("come back from full images, conversions, replicas and data images, when all that was before is deleted", async () => {
    const made = join(folder, "made.raw");
    run("mkfs.ext4", "-q", "-F", "-d", join(folder, "files"), made, "16M");
    const file = join(folder, "golden.qcow2");
    run("qemu-img", "convert", "-f", "raw", "-O", "qcow2", made, file);

    const vm = await inRun(async (run, { images, instances }) => {
      const request = run.image("golden", undefined, { imageFile: file, fileFormat: "qcow2" });
      const golden = await up(images, request);
      const vm = run.instance("vm", { image: byId(golden.id), dataDisks: [{ size: 1 }] });
      return up(instances, vm);
    });
    const [data] = vm.dataDisks;
    await region.changeContent(data!.id, async (disk, format) => {
      expect(format).to.equal("raw");
      run("mkfs.ext4", "-q", "-F", "-d", join(folder, "files"), disk);
    });

    const first = await inRun((run, { images }) =>
      up(images, run.image("first", byId(vm.id), { imageType: "full" })),
    );
    const live = await inRun(async (_, { instances }) => (await instances.read(vm.id))!.dataDisks[0]!);
    const written = join(folder, "written.raw");
    const later = join(folder, "files", "later");
    await writeFile(later, FILES.later);
    await region.changeContent(live.id, async (disk, format) => {
      run("qemu-img", "convert", "-f", format, "-O", "raw", disk, written);
      run("debugfs", "-w", "-R", `write ${later} later`, written);
      run("qemu-img", "convert", "-n", "-f", "raw", "-O", format, written, disk);
    });

    const second = await inRun((run, { images }) =>
      up(images, run.image("second", byId(vm.id), { imageType: "full" })),
    );
    expect(second.deviceMappings[1]!.basedOn).to.deep.equal([first.deviceMappings[1]!.id]);
    const old = await inRun((run, { instances }) =>
      up(instances, run.instance("old", { image: byId(first.id) })),
    );
    expect(await fileOn(old.dataDisks[0]!.id, "note")).to.equal(FILES.note);
    expect(await fileOn(old.dataDisks[0]!.id, "later")).to.equal(undefined);

    const converted = await inRun(async (run, { images, conversions, instances }) => {
      await images.remove(first.id);
      await instances.remove(vm.id);
      await instances.remove(old.id);
      const converted = await up(conversions, run.conversion("cloud", byId(second.id)));
      await images.remove(second.id);
      return converted;
    });
    const cloud = await inRun((run, { instances }) =>
      up(
        instances,
        run.instance("cloud-vm", { image: byId(converted.id), systemDisk: { type: "cloudDisk" } }),
      ),
    );
    expect(await fileOn(cloud.systemDisk.id, "note")).to.equal(FILES.note);
    expect(await fileOn(cloud.dataDisks[0]!.id, "later")).to.equal(FILES.later);

    const volume = await inRun(async (run, { images, instances, replicas, volumes, conversions }) => {
      const device = { imageType: "data", device: "/dev/vdb" } as const;
      const data = await up(images, run.image("data", byId(cloud.id), device));
      const sealed = await up(replicas, run.replica("sealed", byId(data.id), { encrypted: true }));
      await conversions.remove(converted.id);
      await images.remove(data.id);
      await instances.remove(cloud.id);
      const sealedVolume = await up(volumes, run.volume("sealed-volume", { image: byId(sealed.id) }));
      const again = await up(images, run.image("again", undefined, { volume: byId(sealedVolume.id) }));
      const plain = await up(replicas, run.replica("plain", byId(again.id), { encrypted: false }));
      return up(volumes, run.volume("volume", { image: byId(plain.id) }));
    });
    expect(await fileOn(volume.disk.id, "note")).to.equal(FILES.note);
    expect(await fileOn(volume.disk.id, "later")).to.equal(FILES.later);
  });
});
