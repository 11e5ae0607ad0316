import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { expect } from "chai";
import { runImages } from "../../support/engines";
import { describeWithPostgres, PostgresServer } from "../../support/postgres-server";
import type { TestDatabase } from "../../support/postgres-server";
import { imagesCommand } from "../../support/paths";
import { makeProject } from "../../support/project";
import type { Project } from "../../support/project";
import { describeWithS3, S3Server } from "../../support/s3-server";
import { describeWith } from "../../support/tools";

const PROGRAM = `
  const builder = vm("builder", "localDisk", { dataDisks: [{ size: 1 }] });
  const golden = new PrivateImage("golden", { instance: builder, tags: { stage: "prod" } });
  const full = new PrivateImage("full", { instance: builder, imageType: "full" });
  new ImageConversion("cloud", { image: golden });
  const sealed = new ImageReplica("sealed", { image: golden, encrypted: true });
  const vault = new Instance("vault", { image: sealed, systemDisk: { type: "localDisk" } });
  const data = new PrivateImage("data", { instance: builder, imageType: "data", device: "/dev/vdb" });
  new Volume("disk", { image: data });
  const share = new ImageShare("to-web", { image: golden, memberId: "web" });
  const ofShared = { image: golden, systemDisk: { type: "localDisk" }, account: "web" };
  new Instance("of-shared", ofShared, { dependsOn: share });
  const imported = new PrivateImage("imported", { imageFile: "seed.raw", imageType: "data" });
  const secret = new ImageReplica("secret", { image: imported, encrypted: true });
  new ImageExport("backup", { image: data, bucketUrl: "exports", fileFormat: "raw" });
  exports.key = sealed.kmsKeyId;
  exports.ids = pulumi.all([golden.id, full.id, vault.id]);
`;
const ACCOUNTS =
  "region: local\nquotas: { privateImages: 10 }\naccounts: [{ name: default }, { name: web }]\n";

describeWithPostgres("images region copy", () => {
  describeWithS3("from an embedded region to a team's", () => {
    describeWith(["qemu-img"], "with every kind of thing in it", () => {
      let project: Project;
      let postgres: PostgresServer;
      let s3: S3Server;
      let database: TestDatabase;
      let folder: string;
      let bucket: string;
      let disksOfKilled: string[];
      let damaged: string;
      let seed: Buffer;
      const role = (name: string) => `${database.name}_${name}`;
      before(async function () {
        this.timeout(300_000);
        [postgres, s3] = await Promise.all([PostgresServer.shared(), S3Server.shared()]);
        [database, bucket] = await Promise.all([postgres.newDatabase(), s3.newBucket()]);
        folder = await mkdtemp(path.join(tmpdir(), "images-copy-"));
        project = await makeProject({ program: PROGRAM, region: ACCOUNTS });
        project = { ...project, env: { ...s3.env } };
        seed = randomBytes(3 * 2 ** 20);
        await writeFile(path.join(project.dir, "seed.raw"), seed);
        await succeed("up", "--yes", "--stack", "dev");
        await succeed("up", "--yes", "--stack", "dev");
      });
      after(async () => {
        await project.remove();
        await rm(folder, { recursive: true, force: true });
      });

      async function images(...args: string[]) {
        return runImages(project, ...args);
      }
      async function succeed(...args: string[]): Promise<string> {
        const { code, stdout, text } = await images(...args);
        expect(code, text).to.equal(0);
        return stdout;
      }
      async function applyTeam(text: string): Promise<void> {
        const file = path.join(folder, "team.yaml");
        const places = `catalog: ${database.url}\ndisks: s3://${bucket}\nkeys: folder://${folder}/keys\n`;
        await writeFile(file, places + text);
        await succeed("region", "apply", file, "--yes");
      }
      const team = (quota: number, ...names: string[]): string => {
        const accounts = names.map((name) => `{ name: ${name}, role: ${role(name)} }`);
        return `region: local\nquotas: { privateImages: ${quota} }\naccounts: [${accounts.join(", ")}]\n`;
      };
      const source = () => path.join(project.dir, ".images");

      it("refuses by name what the team's region has no place for, and copies nothing", async () => {
        await applyTeam(team(3, "default"));
        const refused = await images("region", "copy", source(), database.url, "--yes");
        expect(refused.code, refused.text).to.equal(1);
        expect(refused.stdout)
          .to.include("! There is no account web in region local where it is to be copied to")
          .and.include("! Account default in region local has 7 private images, and a quota of 3")
          .and.include("Nothing was copied.");
        expect(await s3.keys(bucket)).to.deep.equal([]);
      });

      it("may be killed: no record is there then, and the next one takes up the disks that are, but a damaged one", async () => {
        await applyTeam(team(10, "default", "web"));
        const shown = await succeed("region", "copy", source(), database.url, "--preview");
        expect(shown)
          .to.match(/\+ 3 instances\n/)
          .and.match(/\+ 1 master key, with the same IDs and new secrets/);
        const args = [imagesCommand, "region", "copy", source(), database.url, "--yes"];
        const env = { ...process.env, ...s3.env };
        const child = spawn(process.execPath, args, { env, stdio: ["ignore", "ignore", "pipe"] });
        for await (const text of child.stderr) if (/^Disk [3-9] of/m.test(String(text))) break;
        child.kill("SIGKILL");
        await once(child, "exit");
        const records = await postgres.query<{ count: string }>(
          database,
          "select count(*) from images.images",
        );
        expect(records[0]!.count).to.equal("0");
        disksOfKilled = await s3.keys(bucket);
        expect(disksOfKilled).to.not.deep.equal([]);
        const [Key, ...others] = disksOfKilled;
        await s3.client.send(new PutObjectCommand({ Bucket: bucket, Key, Body: "damaged" }));
        disksOfKilled = others;
        damaged = Key!;
      });

      it("shows what it copies, copies it, and has nothing to do then", async function () {
        this.timeout(300_000);
        const before = await readFile(path.join(source(), "catalog.db"));
        const copied = await images("region", "copy", source(), database.url, "--yes");
        expect(copied.code, copied.text).to.equal(0);
        expect(copied.stdout)
          .to.match(/\+ 3 instances\n/)
          .and.match(/\+ 7 images\n/);
        expect(copied.stdout).to.match(/encrypted disks among them: each is opened in a folder of --work/);
        expect(copied.stdout).to.match(/Copied, each disk read back and its checksum compared\./);
        expect(copied.text).to.not.include(new URL(database.url).password);
        const keys = await s3.keys(bucket);
        expect(keys).to.include.members(disksOfKilled).and.not.include(damaged);
        expect((await readFile(path.join(source(), "catalog.db"))).equals(before), "the source is untouched");
        const again = await images("region", "copy", source(), database.url, "--yes");
        expect(again.code, again.text).to.equal(0);
        expect(again.stdout).to.include("Nothing to do: all of it is there.");
      });

      it("leaves the operator no member of the accounts", async () => {
        const operator = decodeURIComponent(new URL(database.url).username);
        const ofAccounts = `select rolname from pg_roles
          where rolname <> all (array[$1, 'images_client']) and pg_has_role($1::name, oid, 'usage')`;
        const rows = await postgres.query("postgres", ofAccounts, [operator]);
        expect(rows).to.deep.equal([]);
      });

      it("lets a stack go on there with no changes, use what it has, and take it down", async function () {
        this.timeout(300_000);
        const outputs = await succeed("stack", "output", "--stack", "dev", "--json");
        const login = await postgres.newLogin(database, role("default"), role("web"));
        const endpoint = new URL(login);
        project = { ...project, env: { ...s3.env, PGPASSWORD: endpoint.password } };
        endpoint.password = "";
        await succeed("config", "set", "images:endpoint", endpoint.href, "--stack", "dev");
        await succeed("preview", "--stack", "dev", "--expect-no-changes");
        await succeed("refresh", "--yes", "--stack", "dev", "--expect-no-changes");
        await succeed("up", "--yes", "--stack", "dev", "--expect-no-changes");
        expect(await succeed("stack", "output", "--stack", "dev", "--json")).to.equal(outputs);
        await project.write({
          program: `${PROGRAM}
            new Instance("of-sealed", { image: sealed, systemDisk: { type: "localDisk" } });
            new Instance("of-full", { image: full, systemDisk: { type: "localDisk" } });
            const opened = new ImageReplica("opened", { image: secret, encrypted: false });
            for (const [name, image] of Object.entries({ imported, opened }))
              new ImageExport("again-" + name, { image, bucketUrl: "exports", name, fileFormat: "raw" });`,
        });
        await succeed("up", "--yes", "--stack", "dev");
        for (const name of ["imported", "opened"]) {
          const bytes = await readFile(path.join(project.dir, "exports", `${name}-vdb.raw`));
          expect(bytes.subarray(0, seed.length).equals(seed), name).to.equal(true);
        }
        await succeed("destroy", "--yes", "--stack", "dev");
      });
    });
  });
});
