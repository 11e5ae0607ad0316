import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmod,
  copyFile,
  link,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect } from "chai";
import { FolderKeyService } from "../../../../provider/engine/keys/folder-key-service";
import { fault, keyServiceContract, refused } from "./key-service.contract";

const worker = require.resolve("./key-worker");
const owner = { region: "local", account: "default" };

keyServiceContract("FolderKeyService", async () => {
  const root = await mkdtemp(join(tmpdir(), "images-keys-"));
  return {
    open: (now) => new FolderKeyService(join(root, "keys"), now),
    tearDown: () => rm(root, { recursive: true }),
  };
});

describe("a folder of keys", () => {
  let root: string;
  let folder: string;
  let keys: FolderKeyService;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), "images-keys-"));
    folder = join(root, "region", "keys");
    keys = new FolderKeyService(folder);
  });
  afterEach(() => rm(root, { recursive: true }));

  const secrets = async () => (await readdir(folder)).filter((name) => name.endsWith(".secret"));

  it("isn't made before the first key", async () => {
    expect(await keys.list()).to.deep.equal([]);
    await refused(keys.rotate("key-000000000000"));
    await refused(keys.generateDataKey("key-000000000000"));
    expect(await readdir(root)).to.deep.equal([]);
  });

  it("is its owner's alone, with all its files, whatever the umask is", async () => {
    const umask = process.umask(0);
    try {
      const { id } = await keys.create(owner);
      await keys.rotate(id);
    } finally {
      process.umask(umask);
    }
    expect((await stat(folder)).mode & 0o777).to.equal(0o700);
    for (const name of await readdir(folder)) {
      expect((await stat(join(folder, name))).mode & 0o777, name).to.equal(0o600);
    }
  });

  it("keeps its keys for the next process", async () => {
    const { id } = await keys.create(owner);
    const { dataKey, wrappedKey } = await keys.generateDataKey(id);
    expect(await new FolderKeyService(folder).unwrap(wrappedKey)).to.deep.equal(dataKey);
  });

  it("makes one default key for 32 processes that need it at once", async () => {
    const children = Array.from({ length: 32 }, () => spawn(process.execPath, [worker, folder, "default"]));
    const said = children.map((child) => createInterface(child.stdout)[Symbol.asyncIterator]());
    await Promise.all(said.map((lines) => lines.next()));
    for (const child of children) child.stdin.end("go");
    const answers = await Promise.all(said.map(async (lines) => (await lines.next()).value as string));
    const made = answers.map(
      (line) => JSON.parse(line) as { id: string; wrappedKey: string; dataKey: string },
    );
    expect(new Set(made.map(({ id }) => id)).size).to.equal(1);
    expect(await keys.list()).to.have.length(1);
    for (const { wrappedKey, dataKey } of made) {
      expect((await keys.unwrap(wrappedKey)).toString("hex")).to.equal(dataKey);
    }
  });

  it("is whole after a process was killed while it rotated, and its leftovers go with the next change", async () => {
    const { id } = await keys.create(owner);
    const { dataKey, wrappedKey } = await keys.generateDataKey(id);
    for (let time = 0; time < 5; time++) {
      const child = spawn(process.execPath, [worker, folder, "rotate", id]);
      await once(child.stdout, "data");
      await new Promise((resolve) => setTimeout(resolve, 20 + time * 7));
      child.kill("SIGKILL");
      await once(child, "exit");
      const [key] = await keys.list();
      expect((await keys.rotate(id)).version).to.equal(key!.version + 1);
      const young = await keys.generateDataKey(id);
      expect(await keys.unwrap(young.wrappedKey)).to.deep.equal(young.dataKey);
      expect(await keys.unwrap(wrappedKey)).to.deep.equal(dataKey);
    }
    expect((await readdir(folder)).filter((name) => name.endsWith(".tmp"))).to.deep.equal([]);
  });

  it("destroys the secrets of every version once a deletion is due, and keeps the ID for ever", async () => {
    let now = new Date("2024-05-01T00:00:00Z");
    keys = new FolderKeyService(folder, () => now);
    const { id } = await keys.create(owner);
    await keys.rotate(id);
    await keys.scheduleDeletion(id, 7);
    expect(await secrets()).to.have.length(2);
    // A second name of a file shows that its bytes go, and not only its name.
    await link(join(folder, `${id}.2.secret`), join(root, "second-name"));
    now = new Date("2024-05-08T00:00:00Z");
    expect(await keys.list()).to.deep.equal([]);
    expect(await secrets()).to.deep.equal([]);
    expect(await readFile(join(root, "second-name"))).to.deep.equal(Buffer.alloc(32));
    expect(await readdir(folder)).to.include(`${id}.json`);
    expect(await refused(new FolderKeyService(folder).enable(id))).to.contain("was deleted");
  });

  it("ends a destruction that was cut off half-way", async () => {
    let now = new Date("2024-05-01T00:00:00Z");
    keys = new FolderKeyService(folder, () => now);
    const { id } = await keys.create(owner);
    await keys.rotate(id);
    await keys.scheduleDeletion(id, 7);
    now = new Date("2024-05-08T00:00:00Z");
    await rm(join(folder, `${id}.1.secret`));
    expect((await keys.create(owner)).isDefault).to.equal(true);
    expect((await secrets()).filter((name) => name.startsWith(id))).to.deep.equal([]);
    expect(JSON.parse(await readFile(join(folder, `${id}.json`), "utf8"))).to.include({ destroyed: true });
  });

  it("refuses a folder that others may look into, and says how to close it", async function () {
    if (process.platform === "win32") this.skip();
    const { id } = await keys.create(owner);
    await chmod(folder, 0o750);
    const uses = [
      () => keys.list(),
      () => keys.generateDataKey(id),
      () => keys.create(owner),
      () => keys.defaultKey(owner),
    ];
    for (const use of uses) {
      expect(await fault(use()))
        .to.contain(`${folder} (mode 750)`)
        .and.contain(`chmod 700 ${folder}`);
    }
  });

  it("refuses a file that others may read, and says how to close it", async function () {
    if (process.platform === "win32") this.skip();
    const { id } = await keys.create(owner);
    const file = join(folder, `${id}.1.secret`);
    await chmod(file, 0o644);
    expect(await fault(keys.generateDataKey(id))).to.contain(`chmod 600 ${file}`);
  });

  it("refuses a folder that was there before for all to read", async function () {
    if (process.platform === "win32") this.skip();
    await mkdir(folder, { recursive: true, mode: 0o755 });
    expect(await fault(keys.defaultKey(owner))).to.contain(`chmod 700 ${folder}`);
    expect(await readdir(folder)).to.deep.equal([]);
  });

  it("tells a wrapped key that was renamed, even to a key and version of the same secret", async () => {
    const [mine, other] = [await keys.create(owner), await keys.create(owner)];
    await keys.rotate(mine.id);
    const secret = join(folder, `${mine.id}.2.secret`);
    await copyFile(secret, join(folder, `${mine.id}.1.secret`));
    await copyFile(secret, join(folder, `${other.id}.1.secret`));
    const { wrappedKey } = await keys.generateDataKey(mine.id);
    expect(await fault(keys.unwrap(wrappedKey.replace(".2.", ".1.")))).to.contain("altered");
    const renamed = wrappedKey.replace(`${mine.id}.2.`, `${other.id}.1.`);
    expect(await fault(keys.unwrap(renamed))).to.contain("altered");
  });

  it("says which file is damaged, and nothing of what it holds", async () => {
    const { id } = await keys.create(owner);
    await writeFile(join(folder, `${id}.1.secret`), "short secret");
    const short = await fault(keys.generateDataKey(id));
    expect(short).to.contain(`${id}.1.secret doesn't hold a key`).and.not.to.contain("short secret");
    for (const text of ["", "{}", "[1]", '{"id":"key-0"', "null"]) {
      await writeFile(join(folder, `${id}.json`), text);
      expect(await fault(keys.list())).to.contain(`${id}.json is damaged`);
    }
  });

  it("says nothing of a key's secret in what it lists", async () => {
    const { id } = await keys.create(owner);
    const secret = await readFile(join(folder, `${id}.1.secret`));
    const told = JSON.stringify(await keys.list()) + (await readFile(join(folder, `${id}.json`), "utf8"));
    for (const form of ["hex", "base64", "base64url", "latin1"] as const) {
      expect(told).not.to.contain(secret.toString(form));
    }
  });
});
