import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { PutBucketPolicyCommand } from "@aws-sdk/client-s3";
import { expect } from "chai";
import { describeWithPostgres, PostgresServer } from "../../support/postgres-server";
import type { TestDatabase } from "../../support/postgres-server";
import { describeWithS3, S3Server } from "../../support/s3-server";
import { runCommand } from "../../support/images-command";
import { imagesCommand } from "../../support/paths";

describeWithPostgres("images region apply", () => {
  describeWithS3("on a bucket", () => {
    let server: PostgresServer;
    let database: TestDatabase;
    let folder: string;
    let s3: S3Server;
    let bucket: string;
    before(async () => {
      [server, s3] = await Promise.all([PostgresServer.shared(), S3Server.shared()]);
      bucket = await s3.newBucket();
    });
    beforeEach(async () => {
      folder = await mkdtemp(path.join(tmpdir(), "images-apply-"));
      database = await server.newDatabase();
    });
    afterEach(() => rm(folder, { recursive: true, force: true }));

    const role = (name: string): string => `${database.name}_${name}`;
    const places = (): string =>
      `catalog: ${database.url}\ndisks: s3://${bucket}/team\nkeys: folder://${folder}/keys\n`;

    async function apply(text: string, ...options: string[]) {
      await writeFile(path.join(folder, "region.yaml"), places() + text);
      return runCommand(folder, ["region", "apply", ...options], s3.env);
    }

    const accounts = (...names: string[]): string =>
      `region: north\naccounts:\n${names.map((name) => `  - { name: ${name}, role: ${role(name)} }\n`).join("")}`;

    it("shows what it would make of a new region, makes it with --yes, and has nothing to do then", async () => {
      const shown = await apply(accounts("web", "data"), "--preview");
      expect(shown.code, shown.stderr).to.equal(0);
      expect(shown.stdout)
        .to.include("+ schema images: version")
        .and.include("+ account web in region north: role");
      expect(shown.stdout).to.include("\n+ 14 offered images, each with a blank stand-in for its disk\n");
      expect(shown.stdout).to.not.match(/:[^@/]*@/, "the password isn't shown");
      const refused = await apply(accounts("web", "data"));
      expect(refused.code).to.equal(2);
      expect(refused.stdout).to.equal(shown.stdout, "the plan comes before the wish for consent");
      const applied = await apply(accounts("web", "data"), "--yes");
      expect(applied.code, applied.stderr).to.equal(0);
      expect(applied.stdout).to.match(/Applied\.\n$/);
      const again = await apply(accounts("web", "data"));
      expect(again.code, again.stderr).to.equal(0);
      expect(again.stdout).to.match(
        /^Region of postgres:\/\/\S+: nothing to do, it is as region\.yaml says\.\n$/,
      );
    });

    const sealingKeys = () =>
      server.query<{ account: string; id: string }>(
        database,
        "select account, id from images.master_keys where purpose = 'sealing' order by account",
      );

    it("makes the key that seals each account's disks, once, and shows it before", async () => {
      const shown = await apply(accounts("web", "data"), "--preview");
      expect(shown.stdout)
        .to.include("\n+ sealing key of account web in region north\n")
        .and.include("\n+ sealing key of account data in region north\n");
      expect(await readdir(folder), "a preview makes nothing").to.deep.equal(["region.yaml"]);
      expect((await apply(accounts("web"), "--yes")).code).to.equal(0);
      const [web, ...others] = await sealingKeys();
      expect(web!.account).to.equal("web");
      expect(others).to.deep.equal([]);
      expect((await apply(accounts("web", "data"), "--yes")).code).to.equal(0);
      const [data, ...before] = await sealingKeys();
      expect(before).to.deep.equal([web]);
      expect((await readdir(path.join(folder, "keys"))).sort()).to.deep.equal(
        [web!, data!].map(({ id }) => `${id}.1.secret`).sort(),
      );
    });

    it("makes the default key of what accounts encrypt where the file says so, which holds nobody until it seals", async () => {
      const text = `defaultKey: true\n${accounts("web", "data")}`.replace(
        /name: data,/,
        "name: data, defaultKey: false,",
      );
      expect((await apply(text, "--preview")).stdout)
        .to.include("\n+ default key of account web in region north\n")
        .and.not.include("default key of account data");
      expect((await apply(text, "--yes")).code).to.equal(0);
      const defaults = () =>
        server.query(database, "select account, name from images.master_keys where is_default");
      expect(await defaults()).to.deep.equal([{ account: "web", name: "default" }]);
      expect((await apply(text)).stdout).to.include("nothing to do");
      const gone = await apply(accounts("data"), "--yes");
      expect(gone.code, gone.stdout).to.equal(0);
      expect(await defaults()).to.deep.equal([]);
    });

    it("makes other ones where the key service changes before anything is sealed", async () => {
      expect((await apply(accounts("web"), "--yes")).code).to.equal(0);
      const [before] = await sealingKeys();
      const moved = places().replace("/keys\n", "/others\n") + accounts("web");
      await writeFile(path.join(folder, "region.yaml"), moved);
      const { code, stdout, stderr } = await runCommand(folder, ["region", "apply", "--yes"], s3.env);
      expect(code, stderr).to.equal(0);
      expect(stdout).to.match(/~ keys: \S+\/keys → \S+\/others\n\+ sealing key of account web/);
      const [after, ...more] = await sealingKeys();
      expect(more).to.deep.equal([]);
      expect(after!.id).to.not.equal(before!.id);
      expect(await readdir(path.join(folder, "others"))).to.deep.equal([`${after!.id}.1.secret`]);
    });

    it("gives accounts roles that can't log in, and that let their members in", async () => {
      expect((await apply(accounts("web", "data"), "--yes")).code).to.equal(0);
      const roles = await server.query<{ rolname: string; rolcanlogin: boolean }>(
        "postgres",
        "select rolname, rolcanlogin from pg_roles where rolname = any ($1) order by 1",
        [[role("web"), role("data")]],
      );
      expect(roles.map(({ rolcanlogin }) => rolcanlogin)).to.deep.equal([false, false]);
      const client = await server.connect(await server.newLogin(database, role("web")));
      const { rows } = await client.query("select images.settings() as settings");
      await server.disconnect(client);
      const { accounts: own, others } = rows[0].settings.regions[0];
      expect(own.map((each: { name: string; own: boolean }) => [each.name, each.own])).to.deep.equal([
        ["web", true],
      ]);
      expect(others).to.match(/^data \d+$/);
    });

    it("changes quotas and roles, and takes out accounts that hold nothing", async () => {
      expect((await apply(accounts("web", "data"), "--yes")).code).to.equal(0);
      const text = `region: north\nquotas: { snapshots: 50 }\naccounts: [{ name: web, role: ${role("team")} }]\n`;
      const changed = await apply(text, "--yes", "--json");
      expect(changed.code, changed.stderr).to.equal(0);
      const { changes, applied } = JSON.parse(changed.stdout);
      expect(applied).to.equal(true);
      expect(changes.map(({ op, what }: { op: string; what: string }) => `${op} ${what}`)).to.deep.equal([
        "update account web in region north",
        "delete account data in region north",
        `create database role ${role("team")}`,
      ]);
      expect(changes[0].details).to.deep.equal([
        `role ${role("web")} → ${role("team")}`,
        "snapshots 20 → 50",
      ]);
      expect((await apply(text, "--yes")).stdout).to.include("nothing to do");
    });

    it("keeps an account that holds something, and changes nothing else then", async () => {
      expect((await apply(accounts("web", "data"), "--yes")).code).to.equal(0);
      const member = await server.connect(await server.newLogin(database, role("data")));
      await member.query("select images.put_master_key($1)", [
        JSON.stringify({
          ...{ id: "key-0123456789ab", region: "north", account: "data", name: "k" },
          ...{ isDefault: true, disabled: false, version: 1 },
        }),
      ]);
      await server.disconnect(member);
      const refused = await apply(accounts("web", "ops"), "--yes");
      expect(refused.code).to.equal(1);
      expect(refused.stdout)
        .to.include("! accounts: account data of region north has 1 master key. Keep it in the file")
        .and.include("region.yaml can't be applied: nothing was changed.");
      const [{ count }] = (await server.query<{ count: number }>(
        database,
        "select count(*)::int as count from images.accounts where name = 'ops'",
      )) as [{ count: number }];
      expect(count).to.equal(0);
    });

    it("takes out an account of whose keys none opens anything any more", async () => {
      expect((await apply(accounts("web", "data"), "--yes")).code).to.equal(0);
      const member = await server.connect(await server.newLogin(database, role("data")));
      const facts = { region: "north", account: "data", name: "k", disabled: false, version: 1 };
      const scheduled = {
        ...facts,
        id: "key-0123456789ab",
        isDefault: true,
        deletedAt: "2024-01-01T00:00:00Z",
      };
      for (const key of [
        { ...scheduled, deletedAt: undefined },
        scheduled,
        { ...scheduled, destroyed: true },
      ])
        await member.query("select images.put_master_key($1)", [JSON.stringify(key)]);
      await server.disconnect(member);
      const { code, stderr } = await apply(accounts("web"), "--yes");
      expect(code, stderr).to.equal(0);
      const left = await server.query(database, "select from images.master_keys where account = 'data'");
      expect(left).to.deep.equal([]);
    });

    it("says what is missing to a login that can be no operator", async () => {
      const login = await server.newLogin(database);
      await writeFile(
        path.join(folder, "region.yaml"),
        `catalog: ${login}\ndisks: s3://${bucket}\nkeys: folder://${folder}/keys\n${accounts("web")}`,
      );
      const refused = await runCommand(folder, ["region", "apply", "--yes"], s3.env);
      expect(refused.code).to.equal(1);
      expect(refused.stderr).to.match(/may not do this .* An operator owns database .* may create roles/);
      expect(refused.stderr).to.not.include(new URL(login).password);
    });

    it("refuses a client's login in the place of the operator's", async () => {
      expect((await apply(accounts("web"), "--yes")).code).to.equal(0);
      const login = await server.newLogin(database, role("web"));
      const text = `catalog: ${login}\ndisks: s3://${bucket}\nkeys: folder://${folder}/keys\n${accounts("web")}`;
      await writeFile(path.join(folder, "region.yaml"), text);
      const refused = await runCommand(folder, ["region", "apply", "--yes"], s3.env);
      expect(refused.code).to.equal(1);
      expect(refused.stderr).to.match(/error: Reading the region of .*login_/);
    });

    it("shows the lines of a file that is wrong", async () => {
      const refused = await apply("region: north\nacounts: []\n", "--yes");
      expect(refused.code).to.equal(1);
      expect(refused.stderr).to.match(/region\.yaml:5: there is no key "acounts" here/);
    });

    it("changes nothing where a key service or a bucket can be looked into, and won't do", async () => {
      const user = { ...s3.env, ...(await s3.newUser()) };
      const Statement = {
        Effect: "Allow",
        Principal: { AWS: [user.AWS_ACCESS_KEY_ID] },
        Action: ["s3:ListBucket", "s3:ListBucketMultipartUploads", "s3:GetObject"],
        Resource: [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`],
      };
      const Policy = JSON.stringify({ Version: "2012-10-17", Statement: [Statement] });
      await s3.client.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy }));
      await writeFile(path.join(folder, "region.yaml"), places() + accounts("web"));
      const shown = await runCommand(folder, ["region", "apply", "--preview"], user);
      expect(shown.code, shown.stdout).to.equal(0);
      const refused = await runCommand(folder, ["region", "apply", "--yes"], user);
      expect(refused.code).to.equal(1);
      expect(refused.stderr).to.match(
        /error: Writing an object under s3:\S+\/team\/north\/@operator\/ failed/,
      );
      await writeFile(path.join(folder, "occupied"), "");
      const keyless = places().replace("/keys\n", "/occupied/keys\n") + accounts("web");
      await writeFile(path.join(folder, "region.yaml"), keyless);
      const told = await runCommand(folder, ["region", "apply", "--preview"], s3.env);
      expect(told.code).to.equal(1);
      expect(told.stdout)
        .to.include("! keys: Looking into the folder of the master keys failed: ")
        .and.include("can't be applied: nothing was changed.");
      const rows = await server.query(database, "select from pg_namespace where nspname = 'images'");
      expect(rows).to.deep.equal([]);
    });

    it("changes nothing where the bucket isn't there", async () => {
      const absent = places().replace(bucket, "no-such-bucket");
      await writeFile(path.join(folder, "region.yaml"), absent + accounts("web"));
      const refused = await runCommand(folder, ["region", "apply", "--yes"], s3.env);
      expect(refused.code).to.equal(1);
      expect(refused.stdout).to.include(
        "! disks: Looking into the bucket no-such-bucket failed: there is no bucket",
      );
      const rows = await server.query(database, "select from pg_namespace where nspname = 'images'");
      expect(rows).to.deep.equal([]);
    });
  });
});

describeWithPostgres("images region apply, with disk files of offered images,", () => {
  describeWithS3("sends them to the bucket", () => {
    let folder: string;
    let bucket: string;
    let s3: S3Server;
    let places: string;
    before(async () => {
      const [server, store] = await Promise.all([PostgresServer.shared(), S3Server.shared()]);
      s3 = store;
      bucket = await s3.newBucket();
      folder = await mkdtemp(path.join(tmpdir(), "images-apply-"));
      const { url } = await server.newDatabase();
      places = `catalog: ${url}\ndisks: s3://${bucket}/team\nkeys: folder://${folder}/keys\n`;
    });
    after(() => rm(folder, { recursive: true, force: true }));

    async function apply(images: string, ...options: string[]) {
      await writeFile(path.join(folder, "region.yaml"), `${places}region: north\npublicImages:\n${images}`);
      const applied = await runCommand(folder, ["region", "apply", "--yes", ...options], s3.env);
      expect(applied.code, applied.stdout + applied.stderr).to.equal(0);
      return applied;
    }

    it("and goes on where it was, when it is killed while it sends one", async () => {
      const large = randomBytes(48 * 2 ** 20);
      await writeFile(path.join(folder, "large.raw"), large);
      const text = `${places}region: north\npublicImages: [{ name: Large, diskFile: large.raw, minDisk: 1 }]\n`;
      await writeFile(path.join(folder, "region.yaml"), text);
      const env = { ...process.env, ...s3.env };
      const child = spawn(process.execPath, [imagesCommand, "region", "apply", "--yes"], {
        ...{ cwd: folder, env },
        stdio: ["ignore", "ignore", "pipe"],
      });
      for await (const said of child.stderr) if (String(said).includes("Sending")) break;
      child.kill("SIGKILL");
      await once(child, "exit");
      const shown = await runCommand(folder, ["region", "apply", "--preview"], s3.env);
      expect(shown.stdout)
        .to.match(/\+ public image img-pub-large \(Large\): its disk file/)
        .and.match(/\+ sealing key of account default/);
      const again = await runCommand(folder, ["region", "apply", "--yes"], s3.env);
      expect(again.code, again.stdout + again.stderr).to.equal(0);
      expect(await s3.keys(bucket)).to.have.length(1);
      expect(await s3.uploads(bucket)).to.deep.equal([]);
      const last = await runCommand(folder, ["region", "apply"], s3.env);
      expect(last.stdout).to.include("nothing to do");
    });

    it("once, again where they have changed, and takes out those that are offered no more", async () => {
      const file = path.join(folder, "debian.raw");
      const debian = "  - { name: Debian 12, diskFile: debian.raw, minDisk: 1 }\n";
      await writeFile(file, Buffer.alloc(2 ** 20, "first "));
      const sent = await apply(debian);
      expect(sent.stdout).to.match(/\+ public image img-pub-debian-12 \(Debian 12\): its disk file, 1 GiB/);
      expect(sent.stderr).to.equal(`Sending ${file} …\n`);
      const [first, ...others] = await s3.keys(bucket);
      expect(first).to.match(/^team\/north\/@operator\/[0-9a-f]{32}$/);
      expect(others).to.deep.equal([]);
      expect((await apply(debian)).stdout).to.include("nothing to do");

      await writeFile(file, Buffer.alloc(2 ** 20, "second "));
      expect((await apply(debian)).stdout).to.match(/~ public image img-pub-debian-12 .*: its disk file/);
      const changed = await s3.keys(bucket);
      expect(changed).to.have.length(1);
      expect(changed).to.not.include(first);

      const gone = await apply("  - { name: Another }\n");
      expect(gone.stdout).to.match(/- public image img-pub-debian-12 \(Debian 12\)/);
      expect(await s3.keys(bucket)).to.deep.equal([]);

      const roleName = path.basename(folder).replace(/[^a-z]/gi, "_");
      const other = `${places}region: south\naccounts: [{ name: ops, role: ${roleName} }]\n`;
      await writeFile(path.join(folder, "region.yaml"), other);
      const renamed = await runCommand(folder, ["region", "apply", "--yes"], s3.env);
      expect(renamed.code, renamed.stdout + renamed.stderr).to.equal(0);
      expect(renamed.stdout).to.include("\n- region north\n");
    });
  });
});
