import { spawn, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { setTimeout as wait } from "node:timers/promises";
import { expect } from "chai";
import {
  DEFAULT_SETTINGS,
  type CatalogSettings,
} from "../../../../../provider/engine/catalog/catalog-settings";
import {
  PostgresDatabase,
  type PostgresOptions,
} from "../../../../../provider/engine/catalog/postgres/database";
import { readSettings } from "../../../../../provider/engine/catalog/postgres/settings";
import { PostgresCatalog } from "../../../../../provider/engine/catalog/postgres-catalog";
import { DEFAULT_QUOTAS } from "../../../../../provider/engine/model";
import { describeWithPostgres, PostgresServer, type TestDatabase } from "../../../../support/postgres-server";
import { newImage } from "../records";
import { CuttingProxy } from "./cutting-proxy";
import { preparedDatabase } from "./prepared-database";

const MANY = 1_000_000;

/** One account with room for so many images. */
function settings(privateImages = MANY): CatalogSettings {
  const quotas = { ...DEFAULT_QUOTAS, privateImages };
  return { ...DEFAULT_SETTINGS, regions: [{ name: "local", accounts: [{ name: "default", quotas }] }] };
}

describeWithPostgres("A catalogue in PostgreSQL", () => {
  let server: PostgresServer;
  let database: TestDatabase;
  let login: string;
  const opened: PostgresCatalog[] = [];
  const processes: ChildProcess[] = [];

  before(async () => {
    server = await PostgresServer.start();
  });
  after(() => server.remove());
  beforeEach(() => prepare());
  afterEach(async () => {
    for (const child of processes.splice(0)) child.kill("SIGKILL");
    for (const catalog of opened.splice(0)) await catalog.close();
  });

  async function prepare(privateImages?: number): Promise<void> {
    const prepared = await preparedDatabase(server, settings(privateImages));
    database = prepared.database;
    login = await server.newLogin(database, prepared.roleOf("default"));
  }

  async function open(endpoint = login, options?: PostgresOptions): Promise<PostgresCatalog> {
    const own = new PostgresDatabase(endpoint, options);
    const catalog = new PostgresCatalog(own, await readSettings(own));
    opened.push(catalog);
    return catalog;
  }

  function start(...args: string[]): ChildProcess {
    const worker = require.resolve("./postgres-worker");
    const child = spawn(process.execPath, [worker, login, ...args], { stdio: ["ignore", "pipe", "inherit"] });
    processes.push(child);
    return child;
  }

  const images = async (from: PostgresCatalog) =>
    (await from.snapshot()).images.filter(({ account }) => account).map(({ id }) => id);

  /** Inserts a new image; one that was run twice and committed twice would make two. */
  const insertNew = (catalog: PostgresCatalog) =>
    catalog.transaction((tx) => {
      const image = newImage(`img-${randomBytes(8).toString("hex")}`);
      return tx.insert("image", image, { isLast: Math.random() < 0.5 });
    });

  /** `count` insertions, eight at a time; what each that succeeded has made. */
  async function load(catalog: PostgresCatalog, count: number): Promise<string[]> {
    const made: string[] = [];
    let left = count;
    const lane = async () => {
      while (left-- > 0) made.push((await insertNew(catalog)).id);
    };
    await Promise.all(Array.from({ length: 8 }, lane));
    return made;
  }

  it("lets 64 clients from 8 processes take the 5 places of a quota, and no more", async () => {
    await prepare(5);
    const workers = Array.from({ length: 8 }, () => start("take", "8"));
    const taken = await Promise.all(workers.map(async ({ stdout }) => JSON.parse(await text(stdout!))));
    expect(taken.reduce((sum, each) => sum + each, 0)).to.equal(5);
    expect(await images(await open())).to.have.length(5);
  });

  it("gives back the place of a client that was killed in the midst of a transaction", async () => {
    await prepare(1);
    const holder = start("hold", "img-held");
    await once(holder.stdout!, "data");
    const catalog = await open();
    const waiting = insertNew(catalog);
    holder.kill("SIGKILL");
    const { id } = await waiting;
    expect(await images(catalog)).to.deep.equal([id]);
  });

  it("goes on where a client hangs in the midst of a transaction", async () => {
    await prepare(1);
    const holder = start("hold", "img-held");
    await once(holder.stdout!, "data");
    const catalog = await open();
    const { id } = await insertNew(catalog);
    expect(await images(catalog)).to.deep.equal([id]);
  });

  it("records once what was committed without an answer, and doesn't do it again", async () => {
    const proxy = await CuttingProxy.before(server.port);
    try {
      const catalog = await open(login.replace(`:${server.port}/`, `:${proxy.port}/`));
      let runs = 0;
      const cut = proxy.cutAt("commit\0", { passOn: true });
      const made = await catalog.transaction(async (tx) => {
        runs++;
        return tx.insert("image", newImage(`img-run-${runs}`));
      });
      await cut;
      expect(made.id).to.equal("img-run-1");
      expect(runs).to.equal(1);
      expect(await images(catalog)).to.deep.equal(["img-run-1"]);
    } finally {
      await proxy.close();
    }
  });

  for (const [what, passOn, name] of [
    ["tells what was committed with the last insertion, whose answer was lost", true, "img-run-1"],
    [
      "does again what was cut off before the server heard of a last insertion and its commit",
      false,
      "img-run-2",
    ],
  ] as const) {
    it(what, async () => {
      const proxy = await CuttingProxy.before(server.port);
      try {
        const catalog = await open(login.replace(`:${server.port}/`, `:${proxy.port}/`));
        let runs = 0;
        const cut = proxy.cutAt("commit\0", { passOn });
        const made = await catalog.transaction(async (tx) => {
          runs++;
          return tx.insert("image", newImage(`img-run-${runs}`), { isLast: true });
        });
        await cut;
        expect(made).to.include({ id: name, account: "default", status: "active" });
        expect(made.sequence).to.be.a("number");
        expect(await images(catalog)).to.deep.equal([name]);
      } finally {
        await proxy.close();
      }
    });
  }

  it("does again what was cut off before the server heard of its commit", async () => {
    const proxy = await CuttingProxy.before(server.port);
    try {
      const catalog = await open(login.replace(`:${server.port}/`, `:${proxy.port}/`));
      let runs = 0;
      const cut = proxy.cutAt("commit\0", { passOn: false });
      const made = await catalog.transaction(async (tx) => {
        runs++;
        return tx.insert("image", newImage(`img-run-${runs}`));
      });
      await cut;
      expect(made.id).to.equal("img-run-2");
      expect(await images(catalog)).to.deep.equal(["img-run-2"]);
    } finally {
      await proxy.close();
    }
  });

  it("lets through what the work of a transaction throws itself, whatever it looks like", async () => {
    const catalog = await open();
    const thrown = Object.assign(new Error("another's connection"), { code: "ECONNRESET" });
    let runs = 0;
    const failed = catalog.transaction(async (tx) => {
      runs++;
      await tx.insert("image", newImage("img-1"));
      throw thrown;
    });
    expect(await failed.catch((error: unknown) => error)).to.equal(thrown);
    expect(runs).to.equal(1);
    expect(await images(catalog)).to.deep.equal([]);
  });

  it("loses and doubles nothing of 500 transactions while connections are cut at random", async () => {
    const catalog = await open();
    let working = true;
    const cutting = (async () => {
      for (; working; await wait(Math.random() * 150)) await server.terminateConnections(database);
    })();
    const made = await load(catalog, 500).finally(() => (working = false));
    await cutting;
    expect(made).to.have.length(500);
    expect(await images(catalog)).to.have.members(made);
  });

  it("goes on when the server is restarted in the midst of load, in order and by a crash", async () => {
    const catalog = await open();
    const loading = load(catalog, 250);
    loading.catch(() => undefined);
    await wait(150);
    await server.restart();
    await wait(150);
    await server.end();
    await server.run();
    const made = await loading;
    expect(made).to.have.length(250);
    expect(await images(catalog)).to.have.members(made);
  });

  it("makes a statement of its own again that a crash of the server undid in its commit", async () => {
    for (const [name, value] of Object.entries({ commit_delay: 100_000, commit_siblings: 0 }))
      await server.query("postgres", `alter database ${database.name} set ${name} = ${value}`);
    const own = new PostgresDatabase(database.url);
    try {
      await own.query("create table public.numbers (number int primary key)");
      const inserting = own.query("insert into public.numbers values (1) on conflict do nothing");
      // Done by then, and not on disk yet.
      await wait(50);
      await server.end();
      await server.run();
      await inserting;
      expect(await own.query("select number from public.numbers")).to.deep.equal([{ number: 1 }]);
    } finally {
      await own.close();
    }
  });

  it("finds a standby that is promoted in the midst of load, and what was answered is there", async () => {
    const first = await PostgresServer.start();
    let standby: PostgresServer | undefined;
    try {
      const prepared = await preparedDatabase(first, settings());
      const url = await first.newLogin(prepared.database, prepared.roleOf("default"));
      standby = await first.standby();
      const both = `127.0.0.1:${standby.port},127.0.0.1:${first.port}`;
      const catalog = await open(url.replace(`127.0.0.1:${first.port}`, both));
      const loading = load(catalog, 250);
      loading.catch(() => undefined);
      await wait(300);
      await first.end();
      // Whoever stands by itself waits for no other.
      await standby.promote();
      const made = await loading;
      expect(made).to.have.length(250);
      expect(await images(catalog)).to.have.members(made);
      await opened.pop()!.close();
    } finally {
      await standby?.remove();
      await first.remove();
    }
  });
});
