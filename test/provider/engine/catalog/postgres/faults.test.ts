import { expect } from "chai";
import { AppliedSetup } from "../../../../../provider/engine/catalog/postgres/applied-setup";
import { DEFAULT_SETTINGS } from "../../../../../provider/engine/catalog/catalog-settings";
import { parseAddress } from "../../../../../provider/engine/catalog/postgres/address";
import { PostgresDatabase } from "../../../../../provider/engine/catalog/postgres/database";
import { asFault } from "../../../../../provider/engine/catalog/postgres/faults";
import { readSettings } from "../../../../../provider/engine/catalog/postgres/settings";
import { PostgresCatalog } from "../../../../../provider/engine/catalog/postgres-catalog";
import { Fault } from "../../../../../provider/engine/violation";
import { freePort } from "../../../../support/free-port";
import { describeWithPostgres, PostgresServer, type TestDatabase } from "../../../../support/postgres-server";
import { newImage } from "../records";
import { preparedDatabase } from "./prepared-database";

const SECRET = "s3cr3t";
const ADDRESS = parseAddress(`postgres://alice:${SECRET}@db.example/images`, {});

describe("A fault of a catalogue in PostgreSQL", () => {
  const cases: [string, { code?: string; message: string }, RegExp][] = [
    [
      "a full disk",
      { code: "53100", message: "could not extend file" },
      /the server's disk is full .* free some/,
    ],
    [
      "no connection left",
      { code: "53300", message: "sorry, too many clients" },
      /no connection left .* fewer/,
    ],
    [
      "a name that nobody has",
      { code: "ENOTFOUND", message: "getaddrinfo" },
      /there is no server db\.example:5432/,
    ],
    [
      "a standby",
      { code: "25006", message: "read-only transaction" },
      /a standby, which can only be read.*@a:5432,b/,
    ],
    [
      "a slow statement",
      { code: "57014", message: "canceling statement" },
      /gave up a statement that took too long/,
    ],
    ["a lock that others hold", { code: "55P03", message: "lock timeout" }, /others have held what it needs/],
    ["no TLS", { message: "The server does not support SSL connections" }, /has no TLS, which sslmode/],
    [
      "a certificate of nobody",
      { code: "SELF_SIGNED_CERT_IN_CHAIN", message: "self-signed certificate" },
      /certificate of db\.example:5432 can't be trusted .* sslrootcert/,
    ],
    [
      "a connection that was cut",
      { message: "Connection terminated unexpectedly" },
      /can't be reached, or has ended/,
    ],
    [
      "anything else",
      { code: "XX000", message: "cache lookup failed" },
      /PostgreSQL says: cache lookup failed \(XX000\)/,
    ],
  ];
  for (const [title, { code, message }, words] of cases) {
    it(`says what to do about ${title}, and what became of the step`, () => {
      const fault = asFault(Object.assign(new Error(message), { code }), "Writing", ADDRESS);
      if (!Fault.is(fault)) throw new Error("no fault");
      expect(fault.message).to.match(words);
      expect(fault.message).to.match(
        /^Writing the catalogue postgres:\/\/alice@db\.example\/images failed: /,
      );
      expect(fault.message).to.match(/Nothing of this step was recorded\.$/);
      expect(fault.message).not.to.contain(SECRET);
    });
  }

  it("leaves errors of other origin as they are", () => {
    const error = new Error("refused");
    expect(asFault(error, "Reading", ADDRESS)).to.equal(error);
  });
});

describeWithPostgres("Opening a catalogue in PostgreSQL", function () {
  let server: PostgresServer;
  let database: TestDatabase;
  let login: string;
  before(async () => {
    server = await PostgresServer.shared();
    const prepared = await preparedDatabase(server, DEFAULT_SETTINGS);
    database = prepared.database;
    login = await server.newLogin(database, prepared.roleOf("default"));
  });

  /** What opening it says, with no patience for what may pass. */
  async function said(endpoint: string): Promise<string> {
    const patience = { lost: 0, unknown: 0, conflict: 0 };
    const own = new PostgresDatabase(endpoint, { patience });
    try {
      const catalog = new PostgresCatalog(own, await readSettings(own));
      await catalog.transaction((tx) => tx.insert("image", newImage("img-1")));
      throw new Error("nothing was said");
    } catch (error) {
      if (!Fault.is(error)) throw error;
      const { password } = new URL(login);
      expect(error.message).not.to.contain(password);
      return error.message;
    } finally {
      await own.close();
    }
  }

  it("says that the server isn't there", async () => {
    const port = await freePort();
    expect(await said(login.replace(/:\d+\//, `:${port}/`))).to.match(/127\.0\.0\.1:\d+ can't be reached/);
  });

  it("says that the password is wrong, or missing", async () => {
    expect(await said(login.replace(/:[^:]*@/, ":wrong@"))).to.match(/doesn't let login_.* in .*PGPASSWORD/);
    expect(await said(login.replace(/:[^:]*@/, "@"))).to.match(
      /asks for a password of login_.*there is none/,
    );
  });

  it("says that there is no such database", async () => {
    expect(await said(login.replace(/\w+$/, "nowhere"))).to.match(/the server has no database nowhere/);
  });

  it("says that the database holds no region, and who makes one", async () => {
    const empty = await server.newDatabase();
    expect(await said(await server.newLogin(empty))).to.match(/holds no region.*images region apply/);
  });

  it("says that the login is no account", async () => {
    expect(await said(await server.newLogin(database))).to.match(/may not do this.*role of an account/);
    expect(await said(await server.newLogin(database, "images_client"))).to.match(
      /login login_\w+ is no account of it\. Ask the operator to grant it.*grant "ROLE" to "login_/,
    );
  });

  it("says that the server can only be read", async () => {
    const user = new URL(login).username;
    await server.query("postgres", `alter role "${user}" set default_transaction_read_only = on`);
    try {
      expect(await said(login)).to.match(/is a standby, which can only be read/);
    } finally {
      await server.query("postgres", `alter role "${user}" reset default_transaction_read_only`);
    }
  });

  it("says that there are too many connections", async () => {
    const user = new URL(login).username;
    await server.query("postgres", `alter role "${user}" connection limit 0`);
    try {
      expect(await said(login)).to.match(/no connection left/);
    } finally {
      await server.query("postgres", `alter role "${user}" connection limit -1`);
    }
  });

  it("says that the region's schema is older or newer than this program", async () => {
    const version = (is: number) =>
      server.query(
        database,
        `create or replace function images.schema_version() returns int language sql immutable as $$ select ${is} $$`,
      );
    const setup = new AppliedSetup(database.url);
    const { schemaVersion } = await setup.read([]);
    await setup.close();
    try {
      await version(schemaVersion - 1);
      expect(await said(login)).to.match(/needs \d+\. Ask the operator to run: images region apply/);
      await version(schemaVersion + 2);
      expect(await said(login)).to.match(/knows \d+\. Update the package/);
    } finally {
      await version(schemaVersion);
    }
  });
});
