import { setTimeout as wait } from "node:timers/promises";
import { expect } from "chai";
import type { Client } from "pg";
import { PUBLIC_IMAGES, offeredRecord } from "../../../../../../provider/engine/catalog/offered-images";
import { DEFAULT_SETTINGS } from "../../../../../../provider/engine/catalog/catalog-settings";
import { migrate, schemaVersion } from "../../../../../../provider/engine/catalog/postgres/schema/migrate";
import { readSchema, SCHEMA_VERSION } from "../../../../../../provider/engine/catalog/postgres/schema/schema";
import type { Schema } from "../../../../../../provider/engine/catalog/postgres/schema/schema";
import type { ImageEngine } from "../../../../../../provider/engine/engine";
import { openRegion } from "../../../../../../provider/engine/open-region";
import { describeWithPostgres, PostgresServer } from "../../../../../support/postgres-server";
import type { TestDatabase } from "../../../../../support/postgres-server";
import { fault } from "../../../keys/key-service.contract";
import { preparedDatabase } from "../prepared-database";

const STEP = "0100-notes";
const NEXT = SCHEMA_VERSION + 1;

/** What a later version might be: a column that is filled in, an index, a table, and a function that does otherwise. */
function nextSchema(version = NEXT): Schema {
  const { steps, functions } = readSchema();
  const text = `
    alter table images add column note text;
    update images set note = attributes ->> 'name';
    create index images_noted on images (note);
    create table notes (id int primary key);`;
  const replaced = `
    create or replace function title(kind text, record jsonb) returns text language sql immutable as $$
      select 'noted ' || (record ->> 'name')
    $$;`;
  // What gives rows of the table has the new column too.
  const [before, after] = ["each.name\n", "each.name, null::text\n"];
  expect(functions).to.include(before);
  return {
    version,
    steps: [...steps, { name: STEP, text }],
    functions: functions.replace(before, after) + replaced,
  };
}

/** A program that makes images, one after the other, until it is told to stop. */
class Creator {
  made = 0;
  private stopped = false;
  private readonly working: Promise<void>;

  constructor(
    private readonly engine: ImageEngine,
    private readonly name: string,
  ) {
    this.working = this.work();
    this.working.catch(() => undefined);
  }

  /** Until it has made so many more; throws what it failed by. */
  async makes(more: number): Promise<void> {
    const wanted = this.made + more;
    while (this.made < wanted) await Promise.race([this.working, wait(20)]);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.working.finally(() => this.engine.close());
  }

  private async work(): Promise<void> {
    const instance = await create(this.engine, "instances", this.name, {
      image: { id: "img-pub" },
      systemDisk: { type: "cloudDisk" },
    });
    while (!this.stopped) {
      await create(this.engine, "images", `${this.name}-${this.made}`, { instance: { id: instance } });
      this.made++;
    }
  }
}

async function create(
  engine: ImageEngine,
  kind: "instances" | "images",
  name: string,
  facts: object,
): Promise<string> {
  const declaration = {
    ...engine.defaults,
    declaredBy: `urn:pulumi:dev::shop::images::${name}`,
    creationToken: `token-${name}`,
  };
  const request = { declaration, name, ...facts } as never;
  const { violations } = await engine[kind].check(request);
  expect(violations).to.deep.equal([]);
  return (await engine[kind].create(request)).id;
}

describeWithPostgres("The upgrade of a team's catalogue to the next version", function () {
  let server: PostgresServer;
  let database: TestDatabase;
  let operator: Client;
  let login: string;
  beforeEach(async () => {
    server = await PostgresServer.shared();
    const quotas = { privateImages: 10_000, membersPerImage: 5, acceptedShares: 5, snapshots: 10_000 };
    const prepared = await preparedDatabase(server, {
      ...DEFAULT_SETTINGS,
      regions: [{ name: "north", accounts: [{ name: "web", quotas }] }],
      offeredImages: [offeredRecord("north", { ...PUBLIC_IMAGES[0]!, id: "img-pub", diskFile: undefined })],
    });
    database = prepared.database;
    login = await server.newLogin(database, prepared.roleOf("web"));
    operator = await server.connect(database.url);
  });
  afterEach(() => server.disconnect(operator));

  const creators = (...names: string[]) =>
    Promise.all(names.map(async (name) => new Creator(await openRegion({ endpoint: login }), name)));
  const count = async (text: string, values: unknown[] = []): Promise<number> => {
    const [row] = await server.query<{ count: number }>(
      database,
      `select count(*)::int as count from ${text}`,
      values,
    );
    return row!.count;
  };
  /** Waits until that backend waits for a lock. */
  const waits = async (pid: number) => {
    while ((await count("pg_stat_activity where pid = $1 and wait_event_type = 'Lock'", [pid])) === 0)
      await wait(10);
  };
  const pidOf = async (client: Client): Promise<number> =>
    (await client.query("select pg_backend_pid() as pid")).rows[0].pid;
  const columns = () => count("pg_attribute where attrelid = 'images.images'::regclass and attname = 'note'");

  it("takes what is there along, while clients of the last version go on", async () => {
    const working = await creators("one", "two");
    try {
      await Promise.all(working.map((each) => each.makes(5)));
      expect(await migrate(operator, nextSchema())).to.deep.equal({
        from: SCHEMA_VERSION,
        to: NEXT,
        steps: [STEP],
      });
      await Promise.all(working.map((each) => each.makes(5)));
    } finally {
      await Promise.all(working.map((each) => each.stop()));
    }
    const made = working[0]!.made + working[1]!.made;
    expect(await schemaVersion(operator)).to.equal(NEXT);
    expect(await count("images.images where attributes ->> 'status' = 'active'")).to.equal(made);
    expect(await count("images.images where note is not null")).to.be.within(10, made - 10);
    const renamed = "images.audit where kind = 'image' and action = 'insert' and name like 'noted %'";
    expect(await count(renamed), "by the function that was replaced").to.be.within(10, made - 10);
    const [places] = await server.query<{ images: number }>(
      database,
      "select private_images as images from images.places order by 1 desc limit 1",
    );
    expect(places!.images).to.equal(made);
  });

  it("lets clients of the last version in, and tells those before it to be updated", async () => {
    await migrate(operator, nextSchema());
    const [late] = await creators("late");
    await late!.makes(1);
    await late!.stop();
    await migrate(operator, nextSchema(NEXT + 1));
    expect(await fault(openRegion({ endpoint: login }))).to.match(
      new RegExp(
        `has version ${NEXT + 1}, and this version of .* knows ${SCHEMA_VERSION}\\. Update the package`,
      ),
    );
  });

  it("goes forward only", async () => {
    await migrate(operator, nextSchema());
    expect(await fault(migrate(operator))).to.contain(
      `its schema has version ${NEXT}, and this program knows`,
    );
    expect(await schemaVersion(operator)).to.equal(NEXT);
    expect(await columns()).to.equal(1);
  });

  it("is refused where a step that was run isn't what it was", async () => {
    const { steps, ...schema } = nextSchema();
    const changed = steps.map((step, index) =>
      index === 1 ? { ...step, text: `${step.text}\n-- mended` } : step,
    );
    expect(await fault(migrate(operator, { ...schema, steps: changed }))).to.contain(
      `step ${steps[1]!.name} of its schema isn't the one that this program has`,
    );
    expect(await columns()).to.equal(0);
  });

  it("is made once by operators that do so at the same time", async () => {
    const operators = await Promise.all(Array.from({ length: 4 }, () => server.connect(database.url)));
    const made = await Promise.all(operators.map((each) => migrate(each, nextSchema())));
    await Promise.all(operators.map((each) => server.disconnect(each)));
    expect(made.map(({ steps }) => steps).sort()).to.deep.equal([[], [], [], [STEP]]);
  });

  describe("with a client that stays in the midst of a transaction", () => {
    let client: Client;
    beforeEach(async () => {
      const [maker] = await creators("maker");
      await maker!.makes(1);
      await maker!.stop();
      client = await server.connect(login);
      await client.query("begin");
      await client.query("select images.update_record('image', id, '{\"tags\": {}}') from images.images");
    });
    afterEach(() => server.disconnect(client));

    it("waits for it without holding up others, and goes on where it was broken off", async () => {
      const broken = await server.connect(database.url);
      broken.on("error", () => undefined);
      const pid = await pidOf(broken);
      const breaking = migrate(broken, nextSchema()).then(
        () => "done",
        () => "broken off",
      );
      await waits(pid);
      await server.query("postgres", "select pg_terminate_backend($1)", [pid]);
      expect(await breaking).to.equal("broken off");
      expect([await schemaVersion(operator), await columns()]).to.deep.equal([SCHEMA_VERSION, 0]);

      // Long enough for a process that makes something meanwhile to start on a slow machine.
      const upgrading = migrate(operator, nextSchema(), { lockTimeoutMs: 1000 });
      await waits(await pidOfWaiting());
      const [meanwhile] = await creators("meanwhile");
      await meanwhile!.makes(1);
      await meanwhile!.stop();
      await client.query("commit");
      expect((await upgrading).steps).to.deep.equal([STEP]);
      expect(await count("images.images")).to.be.greaterThan(1);
    });

    it("gives up in the end, and has changed nothing", async () => {
      expect(await fault(migrate(operator, nextSchema(), { lockTimeoutMs: 10 }))).to.match(
        /clients held its tables whenever they were to be changed\. Nothing was changed\. Run again/,
      );
      await client.query("rollback");
      expect([await schemaVersion(operator), await columns()]).to.deep.equal([SCHEMA_VERSION, 0]);
    });

    const pidOfWaiting = async (): Promise<number> => {
      for (;;) {
        const [row] = await server.query<{ pid: number }>(
          "postgres",
          "select pid from pg_stat_activity where datname = $1 and query like '%add column note%'",
          [database.name],
        );
        if (row) return row.pid;
        await wait(5);
      }
    };
  });
});
