import { randomBytes } from "node:crypto";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { expect } from "chai";
import { FolderDiskStore } from "../../../../provider/engine/disks/folder-disk-store";
import { fault, foreign, MIB, needsQemu, sha256, writeDisk } from "./disk-fixtures";

describe("qemu-img", () => {
  let folder: string;
  let store: FolderDiskStore;
  let bytes: Buffer;
  const path = process.env.PATH;
  before(needsQemu);
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "images-qemu-"));
    store = new FolderDiskStore(folder);
    bytes = await writeDisk(join(folder, "disk.raw"));
    await store.importFile(foreign(join(folder, "disk.raw")), "disk");
    await store.overlay("disk", "top");
  });
  afterEach(async () => {
    process.env.PATH = path;
    await rm(folder, { recursive: true });
  });

  const contents = () => readdir(join(folder, "disks"));

  /** Puts a script in the tool's place, which finds the tool itself in `$tool`. */
  async function replaceTool(script: string): Promise<void> {
    const bin = join(folder, "bin");
    const tool = spawnSync("sh", ["-c", "command -v qemu-img"], { encoding: "utf8" }).stdout.trim();
    await mkdir(bin);
    await writeFile(join(bin, "qemu-img"), `#!/bin/sh\ntool=${tool}\ncd_to=${folder}\n${script}\n`);
    await chmod(join(bin, "qemu-img"), 0o755);
    process.env.PATH = `${bin}${delimiter}${path}`;
  }

  it("never gets a key where others can see it, nor any file that keeps one", async function () {
    if (process.platform !== "linux") this.skip();
    await replaceTool(`cat /proc/$$/cmdline /proc/$$/environ >> $cd_to/seen\nexec $tool "$@"`);
    const [key, other] = [randomBytes(32), randomBytes(32)];
    process.env.IMAGES_TEST_SECRET = "of-the-users";
    await store.copy("disk", "sealed", { key });
    await store.copy("sealed", "again", { fromKey: key, key: other });
    delete process.env.IMAGES_TEST_SECRET;
    const seen = await readFile(join(folder, "seen"), "latin1");
    expect(seen).to.contain("convert");
    const spellings = [key, other].flatMap((k) =>
      (["base64", "base64url", "hex", "latin1"] as const).map((encoding) => k.toString(encoding)),
    );
    for (const secret of [...spellings, "of-the-users"]) expect(seen.includes(secret)).to.equal(false);
    for (const id of ["sealed", "again"]) {
      const file = await readFile(join(folder, "disks", `${id}.qcow2`), "latin1");
      for (const secret of spellings) expect(file.includes(secret)).to.equal(false);
    }
  });

  it("that is killed leaves nothing, and is said to have been killed", async () => {
    await replaceTool(`case $1 in convert) kill -9 $$;; esac\nexec $tool "$@"`);
    const killed = "qemu-img was killed (SIGKILL)";
    expect(await fault(store.copy("disk", "sealed", { key: randomBytes(32) }))).to.contain(killed);
    const out = { path: join(folder, "out.vmdk"), format: "vmdk" } as const;
    expect(await fault(store.exportFile("disk", out))).to.contain(killed);
    expect(await contents()).to.have.members(["disk.raw", "top.qcow2"]);
    expect(await readdir(folder)).to.have.members(["bin", "disk.raw", "disks"]);
  });

  it("that fails is quoted, by its last line alone", async () => {
    await replaceTool(`echo "a warning" >&2; echo "qemu-img: it is a bad day" >&2; exit 1`);
    const words = await fault(store.checksum("top"));
    expect(words).to.equal(
      "Taking the checksum of disk top failed: qemu-img says: it is a bad day. No partial disk is left.",
    );
  });

  it("that isn't there is named with its package, and raw disks do without it", async () => {
    await mkdir(join(folder, "bin"));
    process.env.PATH = join(folder, "bin");
    const copy = await store.copy("disk", "copy", { checksum: true });
    expect(copy.checksum).to.equal(sha256(bytes));
    expect((await store.overlay("copy", "further")).virtualBytes).to.equal(bytes.length);
    for (const work of [
      () => store.copy("disk", "sealed", { key: randomBytes(32) }),
      () => store.copy("top", "flat"),
      () => store.exportFile("disk", { path: join(folder, "out.qcow2"), format: "qcow2" }),
    ]) {
      expect(await fault(work())).to.match(/qemu-img isn't there.*qemu-utils.*brew install qemu/);
    }
    expect(await contents()).to.have.members(["disk.raw", "top.qcow2", "copy.raw", "further.qcow2"]);
  });

  it("that outlives a run that was killed has no file to go on with in the next run", async () => {
    const large = join(folder, "large.raw");
    await writeFile(large, randomBytes(64 * MIB));
    const copying = spawn(process.execPath, [require.resolve("./disk-worker"), folder, large, "sealed"]);
    const ended = once(copying, "close");
    const half = async () => {
      const name = (await contents()).find((found) => found.endsWith(".tmp"));
      return name !== undefined && (await stat(join(folder, "disks", name))).size > 4 * MIB;
    };
    while (!(await half())) await setTimeout(5);
    copying.kill("SIGKILL");
    await ended;
    await new FolderDiskStore(folder).createBlank("blank", MIB);
    expect(await contents()).to.have.members(["disk.raw", "top.qcow2", "blank.raw"]);
  });

  it("finds an overlay sound, its base stated by a name in the same folder and by its format", async () => {
    await store.overlay("top", "further", { virtualBytes: 700 * 2 ** 30 });
    const options = { cwd: join(folder, "disks"), encoding: "utf8" } as const;
    expect(spawnSync("qemu-img", ["check", "-f", "qcow2", "further.qcow2"], options).stdout).to.contain(
      "No errors were found",
    );
    const { stdout } = spawnSync(
      "qemu-img",
      ["info", "--output=json", "--backing-chain", "further.qcow2"],
      options,
    );
    const chain = JSON.parse(stdout) as Record<string, unknown>[];
    expect(chain.map((layer) => [layer["backing-filename"], layer["backing-filename-format"]])).to.deep.equal(
      [
        ["top.qcow2", "qcow2"],
        ["disk.raw", "raw"],
        [undefined, undefined],
      ],
    );
  });

  it("writes what a machine changes to the overlay alone, which then reads so", async () => {
    const write = ["-f", "qcow2", "-c", "write -P 7 1M 64k", join(folder, "disks", "top.qcow2")];
    if (spawnSync("qemu-io", write).status !== 0) return;
    const changed = Buffer.from(bytes);
    changed.fill(7, MIB, MIB + 64 * 1024);
    expect(await store.checksum("top")).to.equal(sha256(changed));
    expect(await store.checksum("disk")).to.equal(sha256(bytes));
    await store.overlay("top", "further");
    const copy = await store.copy("further", "copy", { checksum: true });
    expect(copy.checksum).to.equal(sha256(changed));
    const sealed = await store.copy("further", "sealed", { key: Buffer.alloc(32, 1) });
    expect(sealed.virtualBytes).to.equal(bytes.length);
    const opened = await store.copy("sealed", "opened", { fromKey: Buffer.alloc(32, 1), checksum: true });
    expect(opened.checksum).to.equal(sha256(changed));
  });
});
