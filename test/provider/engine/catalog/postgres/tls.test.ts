import { spawnSync } from "node:child_process";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { PostgresDatabase } from "../../../../../provider/engine/catalog/postgres/database";
import { own } from "../../../../support/postgres/programs";
import { describeWithPostgres, PostgresServer } from "../../../../support/postgres-server";

describeWithPostgres("A connection to PostgreSQL", function () {
  let folder: string;
  let withTls: PostgresServer;
  let without: PostgresServer;

  before(async function () {
    if (spawnSync("openssl", ["version"]).status !== 0) this.skip();
    folder = await mkdtemp(join(tmpdir(), "images-tls-"));
    await chmod(folder, 0o755);
    const openssl = (...args: string[]) => {
      const { status, stderr } = spawnSync("openssl", args, { cwd: folder, encoding: "utf8" });
      if (status !== 0) throw new Error(stderr);
    };
    const key = ["-newkey", "rsa:2048", "-nodes"];
    openssl("req", "-x509", ...key, "-keyout", "ca.key", "-out", "ca.crt", "-subj", "/CN=authority");
    openssl("req", ...key, "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=localhost");
    await writeFile(join(folder, "names"), "subjectAltName=DNS:localhost");
    const signed = ["-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "names"];
    openssl("x509", "-req", "-in", "server.csr", "-out", "server.crt", ...signed);
    await chmod(join(folder, "server.key"), 0o600);
    await own(join(folder, "server.key"));
    withTls = await PostgresServer.start({
      ssl: "on",
      ssl_cert_file: join(folder, "server.crt"),
      ssl_key_file: join(folder, "server.key"),
    });
    without = await PostgresServer.shared();
  });
  after(async () => {
    await withTls?.remove();
    if (folder) await rm(folder, { recursive: true });
  });

  /** "tls" or "plain", or why there is none. */
  async function connected(server: PostgresServer, host: string, parameters: string): Promise<string> {
    const { url } = await server.newDatabase();
    const own = new PostgresDatabase(`${url.replace("127.0.0.1", host)}?${parameters}`);
    try {
      const text = "select ssl from pg_stat_ssl where pid = pg_backend_pid()";
      const [row] = await own.query<{ ssl: boolean }>(text);
      return row!.ssl ? "tls" : "plain";
    } catch (error) {
      return (error as Error).message;
    } finally {
      await own.close();
    }
  }

  const trusting = (mode: string) => `sslmode=${mode}&sslrootcert=${join(folder, "ca.crt")}`;
  const cases: [string, () => string, string, RegExp][] = [
    ["takes TLS where the server has it", () => "", "127.0.0.1", /^tls$/],
    ["is plain where that is asked for", () => "sslmode=disable", "127.0.0.1", /^plain$/],
    ["asks nothing of a certificate that it requires", () => "sslmode=require", "127.0.0.1", /^tls$/],
    ["trusts the authority that is named", () => trusting("verify-full"), "localhost", /^tls$/],
    ["takes the authority's word for any name", () => trusting("verify-ca"), "127.0.0.1", /^tls$/],
    ["refuses another name", () => trusting("verify-full"), "127.0.0.1", /can't be trusted .* sslrootcert/],
    ["refuses an authority that nobody named", () => "sslmode=verify-full", "localhost", /can't be trusted/],
  ];
  for (const [title, parameters, host, outcome] of cases) {
    it(title, async () => expect(await connected(withTls, host, parameters())).to.match(outcome));
  }

  it("is plain where the server has no TLS, but not where TLS is asked for", async () => {
    expect(await connected(without, "127.0.0.1", "")).to.equal("plain");
    expect(await connected(without, "127.0.0.1", "sslmode=require")).to.match(/has no TLS, which sslmode/);
  });
});
