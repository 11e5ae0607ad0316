import { expect } from "chai";
import { migrate, schemaVersion } from "../../../../../../provider/engine/catalog/postgres/schema/migrate";
import { SCHEMA_VERSION } from "../../../../../../provider/engine/catalog/postgres/schema/schema";
import { Fault } from "../../../../../../provider/engine/violation";
import { PostgresServer } from "../../../../../support/postgres-server";
import { newImage } from "../../records";
import { describeSchema, Team } from "./team";

const ACME = { account: "acme" };

describeSchema("The schema of a team's catalogue", function () {
  const newDatabase = async () => {
    const server = await PostgresServer.shared();
    const database = await server.newDatabase();
    return { server, database, client: await server.connect(database.url) };
  };

  const faultOf = async (work: Promise<unknown>): Promise<string> => {
    const error: unknown = await work.then(
      () => expect.fail("nothing was thrown"),
      (thrown: unknown) => thrown,
    );
    expect(Fault.is(error)).to.equal(true);
    return (error as Fault).message;
  };

  it("is made in an empty database, and brought up to date by doing nothing", async () => {
    const { client } = await newDatabase();
    expect(await schemaVersion(client)).to.equal(undefined);
    const made = await migrate(client);
    expect(made).to.include({ from: undefined, to: SCHEMA_VERSION });
    expect(made.steps).to.include.members(["0001-accounts", "0007-policies"]);
    expect(await migrate(client)).to.deep.equal({ from: SCHEMA_VERSION, to: SCHEMA_VERSION, steps: [] });
    expect(await schemaVersion(client)).to.equal(SCHEMA_VERSION);
    const { rows } = await client.query("select images.schema_version() as version");
    expect(rows).to.deep.equal([{ version: SCHEMA_VERSION }]);
  });

  it("is made once by operators that do so at the same time", async () => {
    const { server, database } = await newDatabase();
    const clients = await Promise.all(Array.from({ length: 4 }, () => server.connect(database.url)));
    const made = await Promise.all(clients.map((client) => migrate(client)));
    expect(made.filter(({ from }) => from === undefined)).to.have.length(1);
  });

  it("is made whole or not at all", async () => {
    const { client } = await newDatabase();
    await client.query("create schema images");
    await client.query("create table images.images (id int)");
    await migrate(client).then(
      () => expect.fail("nothing was thrown"),
      () => undefined,
    );
    const { rows } = await client.query(
      "select relname from pg_class where relnamespace = 'images'::regnamespace and relkind = 'r'",
    );
    expect(rows).to.deep.equal([{ relname: "images" }]);
  });

  it("is left alone where it is newer than the program", async () => {
    const { client } = await newDatabase();
    await migrate(client);
    await client.query("update images.migrations set version = version + 1 where name = 'functions'");
    expect(await faultOf(migrate(client))).to.contain(
      `its schema has version ${SCHEMA_VERSION + 1}, and this program knows ${SCHEMA_VERSION}`,
    );
  });

  it("is left alone where a step of it isn't the one that the program has", async () => {
    const { client } = await newDatabase();
    await migrate(client);
    await client.query("update images.migrations set checksum = 'other' where name = '0003-contents'");
    expect(await faultOf(migrate(client))).to.contain("step 0003-contents of its schema isn't the one");
  });

  it("has its functions replaced while clients are in the midst of transactions", async () => {
    const team = await Team.found({}, ["acme"]);
    const client = await team.another("acme");
    await client.query("begin");
    await client.call("insert_record", "image", newImage("img-before", ACME), null);
    await team.rows("update images.migrations set checksum = 'of the last version' where name = 'functions'");
    const operator = await team.server.connect(team.database.url);
    expect(await migrate(operator)).to.deep.equal({ from: SCHEMA_VERSION, to: SCHEMA_VERSION, steps: [] });
    await client.call("update_record", "image", "img-before", { name: "goes on" });
    await client.query("commit");
    await client.call("insert_record", "image", newImage("img-after", ACME), null);
    const images = await client.query(
      "select id, attributes ->> 'name' as name from images.images order by id",
    );
    expect(images).to.deep.equal([
      { id: "img-after", name: "img-after" },
      { id: "img-before", name: "goes on" },
    ]);
  });
});
