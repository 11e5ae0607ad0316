import { randomBytes } from "node:crypto";
import { spawn, spawnSync, type SpawnOptions } from "node:child_process";
import { truncateSync } from "node:fs";
import { chmod, mkdir, mkdtemp, open, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { expect } from "chai";
import { FolderDiskStore } from "../../../../provider/engine/disks/folder-disk-store";
import { temporaryPath } from "../../../../provider/engine/disks/temporary-file";
import { Fault } from "../../../../provider/engine/violation";
import { foreign, MIB } from "./disk-fixtures";
import { diskStoreContract } from "./disk-store.contract";

diskStoreContract("FolderDiskStore", (folder, external) => new FolderDiskStore(folder, external));

describe("FolderDiskStore", () => {
  let folder: string;
  let store: FolderDiskStore;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "images-folder-"));
    store = new FolderDiskStore(join(folder, "region"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it("makes no folder before the first write", async () => {
    expect(await store.stat("d-1")).to.equal(undefined);
    await store.remove("d-1");
    expect(await readdir(folder)).to.deep.equal([]);
  });

  it("keeps each content as a raw file of its ID, with holes where there are zeros", async () => {
    const bytes = Buffer.alloc(16 * MIB);
    randomBytes(100).copy(bytes, 9 * MIB);
    await writeFile(join(folder, "disk.raw"), bytes);
    const content = await store.importFile(foreign(join(folder, "disk.raw")), "d-1");
    await store.copy("d-1", "d-2");
    for (const id of ["d-1", "d-2"]) {
      const path = join(folder, "region", "disks", `${id}.raw`);
      expect((await readFile(path)).equals(bytes)).to.equal(true);
      expect((await stat(path)).blocks * 512).to.equal(content.sizeBytes);
    }
    expect(content.sizeBytes).to.be.lessThan(MIB);
    expect(await readdir(join(folder, "region", "disks"))).to.have.members(["d-1.raw", "d-2.raw"]);
  });

  it("copies what was written to a disk that was blank before", async () => {
    await store.createBlank("d-1", 2 * MIB);
    const path = join(folder, "region", "disks", "d-1.raw");
    // Blank for long enough that nothing but a change of it would show.
    await delay(150);
    for (const id of ["d-2", "d-3"]) await store.copy("d-1", id);
    const file = await open(path, "r+");
    await file.write("written", MIB);
    await file.close();
    await store.copy("d-1", "d-4");
    const copied = await readFile(join(folder, "region", "disks", "d-4.raw"));
    expect(copied.toString("latin1", MIB, MIB + 7)).to.equal("written");
  });

  it("shares without copying a byte", async () => {
    await store.createBlank("d-1", MIB);
    await store.share("d-1", "d-2");
    const inode = async (id: string) => (await stat(join(folder, "region", "disks", `${id}.raw`))).ino;
    expect(await inode("d-1")).to.equal(await inode("d-2"));
  });

  it("removes what a process that has died left half-written, and nothing of a living one", async () => {
    const disks = join(folder, "region", "disks");
    await store.createBlank("d-1", MIB);
    const { pid } = spawnSync(process.execPath, [
      "-e",
      `const { temporaryPath } = require(${JSON.stringify(require.resolve("../../../../provider/engine/disks/temporary-file"))});
       require("node:fs").writeFileSync(temporaryPath(${JSON.stringify(disks)}), "half");`,
    ]);
    await writeFile(temporaryPath(disks), "in progress");
    expect((await readdir(disks)).filter((name) => name.startsWith(`.${pid}-`))).to.have.length(1);
    await new FolderDiskStore(join(folder, "region")).createBlank("d-2", MIB);
    const left = await readdir(disks);
    expect(left.filter((name) => name.startsWith(`.${pid}-`))).to.deep.equal([]);
    expect(left.filter((name) => name.startsWith(`.${process.pid}-`))).to.have.length(1);
  });

  it("leaves nothing of a copy whose source ends early", async () => {
    await store.createBlank("d-0", MIB);
    const path = join(folder, "disk.raw");
    await writeFile(path, randomBytes(8 * MIB));
    const copying = store.importFile(foreign(path), "d-1", {
      progress: (done) => {
        if (done === MIB) truncateSync(path, 3 * MIB);
      },
    });
    const error = await copying.then(
      () => undefined,
      (e: unknown) => e,
    );
    expect(Fault.is(error) && error.message).to.match(
      /Importing .*disk\.raw as disk d-1 failed: .*became shorter/,
    );
    expect(await readdir(join(folder, "region", "disks"))).to.deep.equal(["d-0.raw"]);
  });

  it("says in clear words that its folder isn't one", async () => {
    await writeFile(join(folder, "region"), "");
    const error = await store.createBlank("d-1", MIB).catch((e: unknown) => e);
    expect(Fault.is(error) && error.message).to.match(/Making blank disk d-1 failed: .*isn't a folder/);
  });

  async function importedBy(command: string, args: string[], options: SpawnOptions = {}): Promise<string> {
    const child = spawn(command, args, { ...options, stdio: ["ignore", "pipe", "ignore"] });
    return text(child.stdout!);
  }
  const worker = require.resolve("./disk-worker");

  it("says in clear words that its folder can't be written", async function () {
    const path = join(folder, "disk.raw");
    await writeFile(path, randomBytes(MIB));
    await mkdir(join(folder, "region"));
    await chmod(join(folder, "region"), 0o555);
    await chmod(folder, 0o755);
    // The administrator may write everywhere: another user tries then.
    const nobody = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
    const answer = await importedBy(process.execPath, [worker, join(folder, "region"), path], nobody);
    await chmod(join(folder, "region"), 0o700);
    if (answer === "") this.skip();
    expect(answer).to.match(
      /^Fault: Importing .*disk\.raw as disk d-1 failed: .*See that you may write the folder/,
    );
  });

  it("leaves nothing of a copy that doesn't fit", async function () {
    if (process.platform === "win32") this.skip();
    const path = join(folder, "disk.raw");
    await writeFile(path, randomBytes(MIB));
    const command = `ulimit -f 100; exec "$0" "$@"`;
    const answer = await importedBy("sh", ["-c", command, process.execPath, worker, folder, path]);
    expect(answer).to.match(/^Fault: Importing .*disk\.raw as disk d-1 failed: .*No partial disk is left\.$/);
    expect(await readdir(join(folder, "disks"))).to.deep.equal([]);
  });
});
