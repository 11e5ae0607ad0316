import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { openRegion } from "../../../provider/engine/open-region";
import type { ImageEngine } from "../../../provider/engine/engine";
import { byId, TestRun, up } from "./world";

/** Debian has those of file systems outside an ordinary user's path. */
const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };
const FILES = { note: "kept through every copy\n", later: "written after the first backup\n" };

function run(tool: string, ...args: string[]): string {
  const { status, stdout, stderr, error } = spawnSync(tool, args, { env, encoding: "utf8" });
  if (status !== 0) throw new Error(`${tool} ${args.join(" ")}: ${stderr || String(error)}`);
  return stdout;
}

/** Disks with a file system on them, in a region that stands in a folder. */
describe("files on real disks", function () {
  this.timeout(120_000);
  let folder: string;
  let region: string;
  before(async function () {
    const tools = ["qemu-img", "mkfs.ext4", "debugfs"];
    if (tools.some((tool) => spawnSync(tool, ["-V"], { env }).error)) this.skip();
    folder = await mkdtemp(join(tmpdir(), "real-disks-"));
    region = join(folder, "region");
    await mkdir(join(folder, "files"));
    await writeFile(join(folder, "files", "note"), FILES.note);
  });
  after(() => folder && rm(folder, { recursive: true }));

  /** One run of a program. */
  async function inRun<T>(work: (run: TestRun, engine: ImageEngine) => Promise<T>): Promise<T> {
    const engine = await openRegion({ endpoint: region });
    try {
      return await work(new TestRun(engine, {}), engine);
    } finally {
      await engine.close();
    }
  }

  function contentOf(id: string): { path: string; format: string } {
    const [raw, qcow2] = ["raw", "qcow2"].map((format) => join(region, "disks", `${id}.${format}`));
    return existsSync(raw!) ? { path: raw!, format: "raw" } : { path: qcow2!, format: "qcow2" };
  }

  /** A file of the file system on a disk; undefined where there is none. */
  function fileOn(id: string, name: keyof typeof FILES): string | undefined {
    const { path, format } = contentOf(id);
    const disk = join(folder, `${id}.read`);
    run("qemu-img", "convert", "-f", format, "-O", "raw", path, disk);
    return run("debugfs", "-R", `cat /${name}`, disk) || undefined;
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
    run("mkfs.ext4", "-q", "-F", "-d", join(folder, "files"), contentOf(data!.id).path);

    const first = await inRun((run, { images }) =>
      up(images, run.image("first", byId(vm.id), { imageType: "full" })),
    );
    const live = await inRun(async (_, { instances }) => (await instances.read(vm.id))!.dataDisks[0]!);
    const written = join(folder, "written.raw");
    const later = join(folder, "files", "later");
    await writeFile(later, FILES.later);
    run("qemu-img", "convert", "-f", "qcow2", "-O", "raw", contentOf(live.id).path, written);
    run("debugfs", "-w", "-R", `write ${later} later`, written);
    run("qemu-img", "convert", "-n", "-f", "raw", "-O", "qcow2", written, contentOf(live.id).path);

    const second = await inRun((run, { images }) =>
      up(images, run.image("second", byId(vm.id), { imageType: "full" })),
    );
    expect(second.deviceMappings[1]!.basedOn).to.deep.equal([first.deviceMappings[1]!.id]);
    const old = await inRun((run, { instances }) =>
      up(instances, run.instance("old", { image: byId(first.id) })),
    );
    expect(fileOn(old.dataDisks[0]!.id, "note")).to.equal(FILES.note);
    expect(fileOn(old.dataDisks[0]!.id, "later")).to.equal(undefined);

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
    expect(fileOn(cloud.systemDisk.id, "note")).to.equal(FILES.note);
    expect(fileOn(cloud.dataDisks[0]!.id, "later")).to.equal(FILES.later);

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
    expect(fileOn(volume.disk.id, "note")).to.equal(FILES.note);
    expect(fileOn(volume.disk.id, "later")).to.equal(FILES.later);
  });
});
