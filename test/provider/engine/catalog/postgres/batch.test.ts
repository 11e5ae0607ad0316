import { expect } from "chai";
import { PostgresDatabase } from "../../../../../provider/engine/catalog/postgres/database";
import { Fault } from "../../../../../provider/engine/violation";
import { describeWithPostgres, PostgresServer, type TestDatabase } from "../../../../support/postgres-server";

describeWithPostgres("A packet of statements to PostgreSQL", () => {
  let server: PostgresServer;
  let database: TestDatabase;
  let connected: PostgresDatabase;
  beforeEach(async () => {
    server = await PostgresServer.shared();
    database = await server.newDatabase();
    connected = new PostgresDatabase(database.url);
    await connected.query("create schema images");
    await connected.query("create table numbers (number int unique deferrable initially deferred)");
  });
  afterEach(async () => {
    await connected.close();
    await server.dropDatabase(database);
  });

  const insert = "insert into numbers values (1)";
  const numbers = () => connected.query("select number from numbers");

  it("answers for a statement of its own only once that is committed", async () => {
    await connected.query(insert);
    const refused = await connected.query(insert).catch((error: unknown) => error);
    expect(Fault.is(refused)).to.equal(true);
    expect(await numbers()).to.deep.equal([{ number: 1 }]);
  });

  it("answers none of a transaction's statements where one of them fails", async () => {
    const answers = connected.transaction(async (session) => {
      const asked = [insert, "select 1/0", insert].map((text) => session.query(text));
      return Promise.allSettled(asked);
    });
    expect(Fault.is(await answers.catch((error: unknown) => error))).to.equal(true);
    expect(await numbers()).to.deep.equal([]);
  });
});
