import { spawn, type ChildProcess, type SpawnOptions } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, readdir, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect } from "chai";
import Libsql from "libsql";
import type { Catalog } from "../../../../provider/engine/catalog/catalog";
import { SqliteCatalog } from "../../../../provider/engine/catalog/sqlite-catalog";
import { Fault } from "../../../../provider/engine/violation";
import { catalogContract } from "./catalog.contract";
import { CONTRACT_SETTINGS } from "./catalog-under-test";
import { newImage } from "./records";

catalogContract("SqliteCatalog", async () => {
  const folder = await mkdtemp(join(tmpdir(), "images-catalog-"));
  const file = join(folder, "catalog.db");
  const opened: Catalog[] = [];
  const open = (...args: ConstructorParameters<typeof SqliteCatalog>) => {
    const catalog = new SqliteCatalog(...args);
    opened.push(catalog);
    return catalog;
  };
  return {
    catalog: open(file, CONTRACT_SETTINGS),
    openedBy: (owner) => open(file, CONTRACT_SETTINGS, { owner }),
    cleanUp: async () => {
      for (const catalog of opened) await catalog.close();
      await rm(folder, { recursive: true });
    },
  };
});

describe("SqliteCatalog", () => {
  let folder: string;
  let file: string;
  const opened: SqliteCatalog[] = [];
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "images-sqlite-"));
    file = join(folder, "catalog.db");
  });
  afterEach(async () => {
    for (const catalog of opened.splice(0)) await catalog.close();
    await chmod(folder, 0o700);
    await rm(folder, { recursive: true });
  });

  function open(options?: ConstructorParameters<typeof SqliteCatalog>[2]): SqliteCatalog {
    const catalog = new SqliteCatalog(file, undefined, options);
    opened.push(catalog);
    return catalog;
  }

  function start(args: string[], options: SpawnOptions = {}) {
    const worker = require.resolve("./catalog-worker");
    return spawn(process.execPath, [worker, file, ...args], {
      ...options,
      stdio: ["ignore", "pipe", "inherit"],
    });
  }

  async function answer(args: string[], options: SpawnOptions = {}): Promise<unknown> {
    return JSON.parse(await text(start(args, options).stdout!));
  }

  /** When a worker that doesn't end has answered. */
  async function begun(worker: ChildProcess): Promise<void> {
    const ended = once(worker, "exit").then(([code]) => Promise.reject(new Error(`it ended with ${code}`)));
    await Promise.race([once(worker.stdout!, "data"), ended]);
  }

  async function fault(work: Promise<unknown>): Promise<string> {
    const error = await work.catch((e: unknown) => e);
    expect(Fault.is(error), String(error)).to.equal(true);
    return (error as Fault).message;
  }

  it("makes no file for those who only read, sweep and mark", async () => {
    const catalog = open();
    expect((await catalog.snapshot()).images).to.have.length(14);
    expect(await catalog.sweep()).to.deep.equal([]);
    await catalog.markSeen(["t"]);
    await catalog.close();
    expect(await readdir(folder)).to.deep.equal([]);
  });

  it("holds all that it was given in its one file once it is closed", async () => {
    const first = open();
    const inserted = await first.transaction((tx) => tx.insert("image", newImage("img-1")));
    await first.close();
    await rename(file, join(folder, "moved.db"));
    file = join(folder, "moved.db");
    expect(await open().transaction((tx) => tx.get("image", "img-1"))).to.deep.equal(inserted);
  });

  it("never lets several processes that start at once on no catalogue exceed a quota", async () => {
    const taken = (await Promise.all([1, 2, 3, 4].map(() => answer(["take", "60", "150"])))) as number[];
    expect(taken.reduce((sum, each) => sum + each)).to.equal(150);
    const images = await open().transaction((tx) => tx.privateImages("local", "default"));
    expect(images).to.have.length(150);
    expect(new Set(images.map((image) => image.sequence)).size).to.equal(150);
  });

  it("sweeps a creation whose process was killed, and not one that runs", async () => {
    const killed = start(["hang", "img-killed"]);
    const running = start(["hang", "img-running"]);
    try {
      await Promise.all([begun(killed), begun(running)]);
      const catalog = open();
      expect(await catalog.transaction((tx) => tx.privateImageCount("local", "default"))).to.equal(2);
      killed.kill("SIGKILL");
      await once(killed, "exit");
      expect(await catalog.transaction((tx) => tx.privateImageCount("local", "default"))).to.equal(1);
      expect(await catalog.sweep()).to.deep.equal(["disk-of-img-killed"]);
      expect(await catalog.transaction((tx) => tx.get("image", "img-running"))).to.include({
        status: "creating",
      });
    } finally {
      running.kill("SIGKILL");
    }
  });

  it("fails alone where several transactions share a commit", async () => {
    const catalog = open();
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, (_, n) =>
        catalog.transaction(async (tx) => {
          await tx.insert("image", { ...newImage(`img-${n}`), status: "creating" });
          // With the first to make anything its process is recorded, and the first one fails.
          await tx.insert("image", { ...newImage(`other-${n}`), status: "creating" });
          if (n % 3 === 0) throw new Error(`refused ${n}`);
          return n;
        }),
      ),
    );
    for (const [n, outcome] of outcomes.entries()) {
      if (n % 3 === 0) expect(outcome).to.have.nested.property("reason.message", `refused ${n}`);
      else expect(outcome).to.deep.equal({ status: "fulfilled", value: n });
    }
    const images = await catalog.transaction((tx) => tx.privateImages("local", "default"));
    expect(images.map((image) => image.id))
      .to.have.length(26)
      .and.not.include("img-3");
  });

  it("refuses a schema of the future, names the remedy, and changes nothing", async () => {
    const first = open();
    await first.transaction((tx) => tx.insert("image", newImage("img-1")));
    await first.close();
    const database = new Libsql(file);
    database.exec("insert into kysely_migration values ('0099-later', '2030-01-01T00:00:00.000Z')");
    const schema = () => JSON.stringify(database.prepare("select name, sql from sqlite_schema").all());
    const before = schema();
    const doing = `Opening the catalogue ${file} failed: a newer version of pulumi-private-images`;
    expect(await fault(open().snapshot()))
      .to.contain(doing)
      .and.contain("Update the package");
    expect(await fault(open().transaction(async () => undefined))).to.contain("(0099-later)");
    expect(schema()).to.equal(before);
    database.close();
  });

  it("says who is in the way when another program holds the lock, and works once it doesn't", async () => {
    const catalog = open({ busyTimeoutMs: 50 });
    await catalog.transaction((tx) => tx.insert("image", newImage("img-1")));
    const foreign = new Libsql(file);
    foreign.exec("begin immediate");
    const message = await fault(catalog.transaction((tx) => tx.delete("image", "img-1")));
    expect(message).to.contain(
      `Writing the catalogue ${file} failed: another process has held it locked for 0.05 s`,
    );
    expect((await catalog.snapshot()).images.some((image) => image.id === "img-1")).to.equal(true);
    foreign.exec("rollback");
    foreign.close();
    await catalog.transaction((tx) => tx.delete("image", "img-1"));
  });

  it("waits for a lock that is soon released", async () => {
    const catalog = open();
    await catalog.transaction((tx) => tx.insert("image", newImage("img-1")));
    const foreign = new Libsql(file);
    foreign.exec("begin immediate");
    setTimeout(() => foreign.exec("rollback"), 100);
    await catalog.transaction((tx) => tx.delete("image", "img-1"));
    foreign.close();
  });

  it("says that a file isn't a catalogue", async () => {
    await writeFile(file, "region: north\n".repeat(1000));
    expect(await fault(open().snapshot())).to.match(
      /Reading the catalogue .* failed: the file isn't a catalogue/,
    );
  });

  it("says that its folder isn't a folder", async () => {
    await writeFile(file, "");
    const catalog = new SqliteCatalog(join(file, "catalog.db"));
    expect((await catalog.snapshot()).images).to.have.length(14);
    expect(await fault(catalog.transaction(async () => undefined))).to.contain(`${file} isn't a folder`);
  });

  it("is read where it can't be written, and names the folder to those who write", async function () {
    const first = open();
    await first.transaction((tx) => tx.insert("image", newImage("img-1")));
    await first.close();
    await chmod(file, 0o444);
    await chmod(folder, 0o555);
    // The administrator may write everywhere: another user reads then.
    const nobody = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
    const read = (await answer(["readThenWrite"], nobody).catch(() => this.skip())) as {
      private: string[];
      failure: string;
    };
    expect(read.private).to.deep.equal(["img-1"]);
    expect(read.failure).to.contain(
      `Fault: Writing the catalogue ${file} failed: the folder ${folder} can't be written`,
    );
  });
});
