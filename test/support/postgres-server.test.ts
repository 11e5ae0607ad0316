import { expect } from "chai";
import { describeWithPostgres, PostgresServer } from "./postgres-server";

describeWithPostgres("PostgreSQL for tests", () => {
  it("gives a database whose logins see what their roles may", async () => {
    const server = await PostgresServer.shared();
    const database = await server.newDatabase();
    const role = `${database.name}_readers`;
    const operator = await server.connect(database.url);
    await operator.query(`create role ${role}; create table shelf (book text)`);
    await operator.query(`grant select on shelf to ${role}; insert into shelf values ('Emma')`);
    const reader = await server.connect(await server.newLogin(database, role));
    expect((await reader.query("select * from shelf")).rows).to.deep.equal([{ book: "Emma" }]);
    const refused = await reader.query("delete from shelf").catch((error: Error) => error.message);
    expect(refused).to.match(/permission denied/);
  });

  it("keeps what was committed through a crash, and in a standby that takes its place", async () => {
    const server = await PostgresServer.start();
    let standby: PostgresServer | undefined;
    try {
      const database = await server.newDatabase();
      const client = await server.connect(database.url);
      await client.query("create table shelf (book text); insert into shelf values ('Emma')");
      await server.end();
      await server.run();
      standby = await server.standby();
      const again = await server.connect(database.url);
      await again.query("insert into shelf values ('Persuasion')");
      await server.end();
      await standby.promote(server.port);
      const last = await standby.connect(database.url);
      await last.query("insert into shelf values ('Sanditon')");
      const { rows } = await last.query<{ book: string }>("select book from shelf");
      expect(rows.map(({ book }) => book)).to.deep.equal(["Emma", "Persuasion", "Sanditon"]);
    } finally {
      await standby?.remove();
      await server.remove();
    }
  });
});
