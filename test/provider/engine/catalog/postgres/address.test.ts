import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { parseAddress, type PostgresAddress } from "../../../../../provider/engine/catalog/postgres/address";
import { passwordFor } from "../../../../../provider/engine/catalog/postgres/passfile";

const SECRET = "s3cr3t";

describe("The URL of a region's database", () => {
  const accepted: [string, string, Partial<PostgresAddress>][] = [
    [
      "names login, host, port and database",
      "postgres://alice@db.example:6543/images",
      { user: "alice", database: "images", hosts: [{ host: "db.example", port: 6543 }], password: undefined },
    ],
    [
      "may leave out the port, and call itself postgresql",
      "postgresql://alice@db.example/images",
      { hosts: [{ host: "db.example", port: 5432 }] },
    ],
    [
      "has several hosts where there are standbys",
      "postgres://alice@a:1,b,[::1]:3/images?target_session_attrs=read-write",
      {
        hosts: [
          { host: "a", port: 1 },
          { host: "b", port: 5432 },
          { host: "::1", port: 3 },
        ],
        described: "postgres://alice@a:1,b,[::1]:3/images",
      },
    ],
    [
      "writes special characters as % and two digits",
      "postgres://al%40ice:p%3Aw%2F@h/im%20ages",
      { user: "al@ice", password: "p:w/", database: "im ages" },
    ],
    [
      "names the folder of a socket as a parameter",
      "postgres://alice@/images?host=/run/postgresql",
      { hosts: [{ host: "/run/postgresql", port: 5432 }] },
    ],
    [
      "says how far TLS is trusted",
      "postgres://alice@h/images?sslmode=verify-full&connect_timeout=3",
      {
        ssl: { mode: "verify-full", ca: undefined, cert: undefined, key: undefined },
        connectTimeoutMs: 3000,
      },
    ],
  ];
  for (const [title, url, expected] of accepted) {
    it(title, () => expect(parseAddress(url, {})).to.deep.include(expected));
  }

  it("is told without its password and parameters", () => {
    const { described } = parseAddress(`postgres://alice:${SECRET}@h/images?password=${SECRET}`, {});
    expect(described).to.equal("postgres://alice@h/images");
  });

  it("takes what it leaves out from the environment", () => {
    const env = { PGUSER: "bob", PGHOST: "h", PGPORT: "7", PGSSLMODE: "require" };
    const address = parseAddress("postgres:///images", env);
    expect(address).to.deep.include({ user: "bob", hosts: [{ host: "h", port: 7 }] });
    expect(address.ssl.mode).to.equal("require");
  });

  const refused: [string, string, RegExp][] = [
    ["without a login", `postgres://h/images`, /It names no login\./],
    ["without a database", `postgres://alice:${SECRET}@h`, /It names no database\./],
    ["with a port that is none", `postgres://alice:${SECRET}@h:99999/images`, /99999 isn't a port\./],
    ["with a host that is none", `postgres://alice:${SECRET}@h:x/images`, /It names no server\./],
    [
      "with an unknown parameter",
      `postgres://alice:${SECRET}@h/images?sslmod=x`,
      /parameter sslmod, and can/,
    ],
    [
      "with an unknown sslmode",
      `postgres://alice:${SECRET}@h/images?sslmode=on`,
      /Its sslmode is on, and can/,
    ],
    [
      "for standbys only",
      `postgres://a:${SECRET}@h/i?target_session_attrs=standby`,
      /can only be read-write/,
    ],
    ["with a stray %", `postgres://alice:${SECRET}%@h/images`, /write % as %25/],
    ["with a certificate that isn't there", `postgres://a:${SECRET}@h/i?sslrootcert=/none`, /can't be read/],
  ];
  for (const [title, url, reason] of refused) {
    it(`is refused ${title}, without repeating its password`, () => {
      expect(() => parseAddress(url, {}))
        .to.throw(reason)
        .with.property("message")
        .that.does.not.match(new RegExp(SECRET));
    });
  }
});

describe("The password of a login", () => {
  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), "images-passfile-"))));
  afterEach(() => rm(folder, { recursive: true }));

  const lines = ["# teams", "other:5432:images:alice:no", "h:5432:*:alice:a\\:b\\\\c", "*:*:*:*:last"];

  async function passwordIn(url: string, { mode = 0o600, env = {} } = {}): Promise<string | undefined> {
    const file = join(folder, "passfile");
    await writeFile(file, lines.join("\n"), { mode });
    const address = parseAddress(url, {});
    return passwordFor(address, address.hosts[0]!, { PGPASSFILE: file, ...env });
  }

  it("is the URL's before all others", async () => {
    expect(await passwordIn("postgres://alice:url@h/i", { env: { PGPASSWORD: "env" } })).to.equal("url");
  });
  it("is the environment's where the URL has none", async () => {
    expect(await passwordIn("postgres://alice@h/i", { env: { PGPASSWORD: "env" } })).to.equal("env");
  });
  it("is that of the first fitting line of the password file", async () => {
    expect(await passwordIn("postgres://alice@h/i")).to.equal("a:b\\c");
    expect(await passwordIn("postgres://bob@h/i")).to.equal("last");
  });
  it("isn't looked for in a file that others may read", async function () {
    if (process.platform === "win32") this.skip();
    expect(await passwordIn("postgres://alice@h/i", { mode: 0o644 })).to.equal(undefined);
  });
});
