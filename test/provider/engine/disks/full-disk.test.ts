import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { FolderDiskStore } from "../../../../provider/engine/disks/folder-disk-store";
import { fault, foreign, MIB, needsQemu } from "./disk-fixtures";

describe("A full disk", () => {
  let folder: string;
  let small: string;
  let store: FolderDiskStore;
  before(needsQemu);
  beforeEach(async function () {
    folder = await mkdtemp(join(tmpdir(), "images-full-"));
    small = join(folder, "small");
    await mkdir(small);
    const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=12m", "tmpfs", small]);
    if (mounted.status !== 0) this.skip();
    store = new FolderDiskStore(small);
    await writeFile(join(folder, "disk.raw"), randomBytes(8 * MIB));
    await store.importFile(foreign(join(folder, "disk.raw")), "disk");
  });
  afterEach(async () => {
    spawnSync("umount", [small]);
    await rm(folder, { recursive: true });
  });

  const key = randomBytes(32);
  const works: [string, () => Promise<unknown>][] = [
    ["a copy", () => store.copy("disk", "new")],
    ["a copy with its checksum", () => store.copy("disk", "new", { checksum: true })],
    ["a sealed copy", () => store.copy("disk", "new", { key })],
    ["an import", () => store.importFile(foreign(join(folder, "disk.raw")), "new")],
    ["a sealed import", () => store.importFile(foreign(join(folder, "disk.raw")), "new", { key })],
    [
      "an import of another format",
      async () => {
        const outside = new FolderDiskStore(join(folder, "outside"));
        await outside.importFile(foreign(join(folder, "disk.raw")), "disk");
        const path = join(folder, "disk.qcow2");
        await outside.exportFile("disk", { path, format: "qcow2" });
        await store.importFile(foreign(path, "qcow2"), "new");
      },
    ],
    ...(["raw", "qcow2", "vmdk", "vhd"] as const).map((format): [string, () => Promise<unknown>] => [
      `an export as ${format}`,
      () => store.exportFile("disk", { path: join(small, "out"), format }),
    ]),
  ];

  for (const [what, work] of works) {
    it(`is told by ${what}, of which nothing is left`, async () => {
      expect(await fault(work())).to.match(/failed: there is no space left on the disk of .*Free some/);
      expect(await store.list()).to.deep.equal(["disk"]);
      expect(await readdir(small)).to.deep.equal(["disks"]);
      expect(await readdir(join(small, "disks"))).to.deep.equal(["disk.raw"]);
    });
  }
});
