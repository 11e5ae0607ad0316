import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { FolderDestination } from "../../../../provider/engine/exports/folder-destination";
import { Fault } from "../../../../provider/engine/violation";
import { destinationContract, factsOf } from "./destination.contract";

const NAME = "golden-vda.qcow2";

/** Folders on this file system, and on another one where the machine has such. */
async function onMemory(): Promise<string | undefined> {
  return mkdtemp("/dev/shm/images-folder-").catch(() => undefined);
}

for (const [title, make] of [
  ["FolderDestination", () => mkdtemp(join(tmpdir(), "images-folder-"))],
  ["FolderDestination on another file system", onMemory],
] as const) {
  destinationContract(title, NAME, async () => {
    const parent = (await make()) ?? (await mkdtemp(join(tmpdir(), "images-folder-")));
    const folder = join(parent, "new", "exports");
    const path = (name: string) => join(folder, name);
    return {
      destination: new FolderDestination(folder),
      read: (name) => readFile(path(name)).catch(() => undefined),
      async write(name, bytes) {
        await mkdir(folder, { recursive: true });
        await writeFile(path(name), bytes);
      },
      list: () => readdir(folder),
      cleanUp: () => rm(parent, { recursive: true }),
    };
  });
}

describe("FolderDestination", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "images-folder-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it("says that its folder is a file", async () => {
    const file = join(folder, "file");
    await writeFile(file, "");
    const error = await new FolderDestination(file)
      .put({ path: file, ...factsOf(Buffer.alloc(0)) }, NAME)
      .catch((e: unknown) => e);
    expect(Fault.is(error) && error.message).to.equal(
      `Writing ${NAME} to the folder ${file} failed: ${file} isn't a folder.`,
    );
  });

  it("copies nothing that isn't what it is said to be to another file system", async function () {
    const other = await onMemory();
    if (other === undefined) return this.skip();
    try {
      const path = join(folder, "file");
      await writeFile(path, "x");
      const put = new FolderDestination(other).put({ path, ...factsOf(Buffer.from("y")) }, NAME);
      const error = await put.catch((e: unknown) => e);
      expect(Fault.is(error) && error.message).to.contain("changed while it was copied");
      expect(await readdir(other)).to.deep.equal([]);
    } finally {
      await rm(other, { recursive: true });
    }
  });

  it("leaves nothing where the disk is full, and says so", async function () {
    const small = join(folder, "small");
    await mkdir(small);
    // Only an administrator may.
    if (spawnSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", small]).status !== 0) return this.skip();
    try {
      const path = join(folder, "file");
      const bytes = randomBytes(2 ** 21);
      await writeFile(path, bytes);
      const put = new FolderDestination(small).put({ path, ...factsOf(bytes) }, NAME);
      const error = await put.catch((e: unknown) => e);
      expect(Fault.is(error) && error.message).to.equal(
        `Writing ${NAME} to the folder ${small} failed: there is no space left on the disk of ${small}. Free some and run again.`,
      );
      expect(await readdir(small)).to.deep.equal([]);
    } finally {
      spawnSync("umount", [small]);
    }
  });

  it("takes a folder of its object's name for something else", async () => {
    await mkdir(join(folder, NAME));
    const destination = new FolderDestination(folder);
    const path = join(folder, "file");
    await writeFile(path, "x");
    expect(await destination.put({ path, ...factsOf(Buffer.from("x")) }, NAME)).to.equal("taken");
    expect(await destination.remove(NAME, factsOf(Buffer.from("x")))).to.equal("changed");
  });
});
