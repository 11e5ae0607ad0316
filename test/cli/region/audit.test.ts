import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "chai";
import type { AuditEntry } from "../../../provider/engine/catalog/postgres/audit";
import { runCommand } from "../../support/images-command";
import { describeWithPostgres, PostgresServer } from "../../support/postgres-server";
import type { TestDatabase } from "../../support/postgres-server";
import { describeWithS3, S3Server } from "../../support/s3-server";

const volume = (account: string, name: string) => ({
  id: `vol-${account}-${name}`,
  region: "north",
  account,
  name,
  status: "available",
  disk: { id: `disk-${account}-${name}`, device: "/dev/vdb", size: 1 },
  tags: {},
  encrypted: false,
  lineage: [],
  origin: {
    declaredBy: `urn:pulumi:dev::shop::pulumi-nodejs:dynamic/images:Volume::${name}`,
    creationToken: `token-${account}-${name}`,
    seen: false,
  },
});

describeWithPostgres("images audit", () => {
  describeWithS3("of a team's region", () => {
    let database: TestDatabase;
    let folder: string;
    const logins: Record<string, string> = {};
    before(async () => {
      const [server, s3] = await Promise.all([PostgresServer.shared(), S3Server.shared()]);
      database = await server.newDatabase();
      folder = await mkdtemp(path.join(tmpdir(), "images-audit-"));
      const accounts = ["web", "data"].map(
        (name) => `  - { name: ${name}, role: ${database.name}_${name} }\n`,
      );
      const places = `catalog: ${database.url}\ndisks: s3://${await s3.newBucket()}\nkeys: folder://${folder}/keys\n`;
      await writeFile(
        path.join(folder, "region.yaml"),
        `${places}region: north\naccounts:\n${accounts.join("")}`,
      );
      const applied = await runCommand(folder, ["region", "apply", "--yes"], s3.env);
      expect(applied.code, applied.stderr).to.equal(0);
      for (const account of ["web", "data"]) {
        logins[account] = await server.newLogin(database, `${database.name}_${account}`);
        const client = await server.connect(logins[account]);
        for (const name of ["one", "two"]) {
          await client.query("select images.insert_record('volume', $1, null)", [volume(account, name)]);
        }
        await client.query("select images.update_record('volume', $1, $2)", [
          `vol-${account}-one`,
          { tags: { a: "b" } },
        ]);
        await client.query("select images.delete_record('volume', $1)", [`vol-${account}-two`]);
        await server.disconnect(client);
      }
    });
    after(() => rm(folder, { recursive: true, force: true }));

    async function audit(endpoint: string, ...options: string[]): Promise<AuditEntry[]> {
      const args = ["audit", "--endpoint", endpoint, "--json", ...options];
      const { code, stdout, stderr } = await runCommand(folder, args);
      expect(code, stderr).to.equal(0);
      return JSON.parse(stdout);
    }
    const said = (entries: AuditEntry[]) => entries.map(({ action, id }) => `${action} ${id}`);
    const WEB = ["insert vol-web-one", "insert vol-web-two", "update vol-web-one", "delete vol-web-two"];

    it("shows a member what its own account did, oldest first: who, what, when, from which program", async () => {
      const entries = await audit(logins["web"]!, "--kind", "volume");
      expect(said(entries)).to.deep.equal(WEB);
      const { at, sequence: _sequence, ...updated } = entries[2]!;
      expect(updated).to.deep.equal({
        login: decodeURIComponent(new URL(logins["web"]!).username),
        region: "north",
        account: "web",
        action: "update",
        kind: "volume",
        id: "vol-web-one",
        name: "one",
        declaredBy: "urn:pulumi:dev::shop::pulumi-nodejs:dynamic/images:Volume::one",
        changed: ["tags"],
      });
      expect(new Date(at).toISOString()).to.equal(at);
    });

    it("shows the operator what all accounts did", async () => {
      const entries = await audit(database.url, "--kind", "volume");
      expect(said(entries)).to.deep.equal([...WEB, ...WEB.map((line) => line.replace("web", "data"))]);
      expect(said(await audit(database.url, "--kind", "volume", "--account", "web"))).to.deep.equal(WEB);
      expect(await audit(logins["web"]!, "--account", "data")).to.deep.equal([]);
    });

    for (const resource of [
      "vol-web-one",
      "one",
      "urn:pulumi:dev::shop::pulumi-nodejs:dynamic/images:Volume::one",
    ]) {
      it(`finds what was done to ${resource}`, async () => {
        expect(said(await audit(logins["web"]!, "--resource", resource))).to.deep.equal([
          "insert vol-web-one",
          "update vol-web-one",
        ]);
      });
    }

    it("takes the newest of a limit, and those since a moment", async () => {
      expect(said(await audit(logins["web"]!, "--limit", "2"))).to.deep.equal(WEB.slice(2));
      expect(said(await audit(logins["web"]!, "--since", "1h", "--kind", "volume"))).to.deep.equal(WEB);
      expect(await audit(logins["web"]!, "--since", "2100-01-01T00:00:00Z")).to.deep.equal([]);
      const [, , third] = await audit(logins["web"]!, "--kind", "volume");
      expect(said(await audit(logins["web"]!, "--since", third!.at))).to.deep.equal(WEB.slice(2));
    });

    const PROGRAM_OF = (name: string) => `urn:pulumi:dev::shop::pulumi-nodejs:dynamic/images:Volume::${name}`;
    const login = (account: string) => decodeURIComponent(new URL(logins[account]!).username);
    const DATA = WEB.map((line) => line.replace("web", "data"));
    const filters: [string, () => string[], string[], string[]][] = [
      ["who did it", () => ["--login", login("web"), "--kind", "volume"], WEB, WEB],
      ["another who did it", () => ["--login", login("data")], [], DATA],
      ["what was done", () => ["--action", "delete"], [WEB[3]!], [WEB[3]!, DATA[3]!]],
      ["the account", () => ["--account", "web", "--kind", "volume"], WEB, WEB],
      ["the region", () => ["--region", "north", "--kind", "volume"], WEB, [...WEB, ...DATA]],
      ["another region", () => ["--region", "south"], [], []],
      ["the program", () => ["--program", "shop"], WEB, [...WEB, ...DATA]],
      ["the program and stack", () => ["--program", "shop/dev"], WEB, [...WEB, ...DATA]],
      ["another stack of the program", () => ["--program", "shop/prod"], [], []],
      ["another program", () => ["--program", "dev"], [], []],
      ["a name in a program, of whatever letters", () => ["--resource", "o_e"], [], []],
      [
        "a URN",
        () => ["--resource", PROGRAM_OF("two"), "--action", "insert"],
        [WEB[1]!],
        [WEB[1]!, DATA[1]!],
      ],
      ["until a moment", () => ["--until", "1h"], [], []],
      ["until now", () => ["--until", "0s", "--kind", "volume"], WEB, [...WEB, ...DATA]],
    ];
    for (const [what, options, user, operator] of filters) {
      it(`is filtered by ${what}, for a user and the operator`, async () => {
        expect(said(await audit(logins["web"]!, ...options()))).to.deep.equal(user);
        expect(said(await audit(database.url, ...options()))).to.deep.equal(operator);
      });
    }

    it("shows the operator alone what applying did, keys included", async () => {
      const applied = ["--action", "apply"];
      expect(
        (await audit(database.url, ...applied, "--kind", "account")).map(({ id }) => id),
      ).to.include.members(["web", "data"]);
      expect(await audit(database.url, ...applied, "--kind", "offered")).to.have.length(14);
      expect(await audit(logins["web"]!, ...applied, "--kind", "offered")).to.deep.equal([]);
      const keys = await audit(database.url, "--kind", "key");
      expect(keys.map(({ action, account }) => `${action} ${account}`)).to.deep.equal([
        "insert web",
        "insert data",
      ]);
    });

    it("says where a table leaves older ones out", async () => {
      const some = ["audit", "--endpoint", logins["web"]!, "--kind", "volume", "--limit"];
      expect((await runCommand(folder, [...some, "3"])).stderr).to.equal(
        "These are the newest 3. Older ones: --limit, --until.\n",
      );
      expect((await runCommand(folder, [...some, "4"])).stderr).to.equal("");
    });

    it("is a table for people", async () => {
      const { stdout } = await runCommand(folder, [
        "audit",
        "--endpoint",
        logins["web"]!,
        "--resource",
        "one",
      ]);
      const [head, first, second, ...rest] = stdout.trimEnd().split("\n");
      expect(head).to.match(/^TIME +LOGIN +ACCOUNT +ACTION +KIND +ID +NAME +DECLARED BY$/);
      expect(first).to.match(/Z +login_\S+ +north\/web +insert +volume +vol-web-one +one +shop\/dev one$/);
      expect(second).to.match(/ update tags +volume /);
      expect(rest).to.deep.equal([]);
      const none = await runCommand(folder, ["audit", "--endpoint", logins["web"]!, "--resource", "nobody"]);
      expect(none.stdout).to.equal("No change is written down that fits.\n");
    });

    it("says which moments it takes, and that an embedded region has none", async () => {
      const wrong = await runCommand(folder, ["audit", "--endpoint", logins["web"]!, "--since", "yesterday"]);
      expect(wrong.stderr).to.include(
        "It must be a moment such as 2026-01-31T12:00:00Z, or 90s, 15m, 2h, 7d.",
      );
      const embedded = await runCommand(folder, ["audit", "--endpoint", "/srv/region"]);
      expect(embedded.code).to.equal(1);
      expect(embedded.stderr).to.equal(
        "error: The region /srv/region is an embedded one, which keeps no audit: a team's region does.\n",
      );
    });
  });
});
