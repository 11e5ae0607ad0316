import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "chai";
import { provideAws } from "../../support/aws-command";
import { runImages } from "../../support/engines";
import { root } from "../../support/paths";
import { describeWithPostgres, PostgresServer } from "../../support/postgres-server";
import { identity, newFolder } from "../../support/postgres/programs";
import { makeProject } from "../../support/project";
import type { Project } from "../../support/project";
import { describeWithS3, S3Server } from "../../support/s3-server";
import { describeWith } from "../../support/tools";

const PROGRAM = `
  const golden = new PrivateImage("golden", { imageFile: "seed.raw", imageType: "data" });
  const sealed = new ImageReplica("sealed", { image: golden, encrypted: true });
  new Volume("disk", { image: golden });
`;

/** Puts out what two of the disks hold. */
const READING = `
  const opened = new ImageReplica("opened", { image: sealed, encrypted: false });
  for (const [name, image] of Object.entries({ golden, opened }))
    new ImageExport("out-" + name, { image, bucketUrl: "exports", name, fileFormat: "raw" });
`;

type Six<T> = [T, T, T, T, T, T];

describeWithPostgres("The commands for backup and restore of a team's region", () => {
  describeWithS3("as its page has them", () => {
    describeWith(["pg_dump", "pg_basebackup", "psql", "bash", "qemu-img"], "with PostgreSQL's tools", () => {
      let folder: string;
      let project: Project;
      let s3: S3Server;
      let server: PostgresServer;
      let bucket: string;
      let seed: Buffer;
      let backup: string;
      let restore: string;
      let goBack: string;
      /** Of PostgreSQL's system user. */
      let srv: string | undefined;
      let archive: string;
      let baseBackup: string;
      let toTheMoment: string;
      before(async function () {
        this.timeout(300_000);
        folder = await mkdtemp(path.join(tmpdir(), "images-backup-"));
        [server, s3] = await Promise.all([PostgresServer.start({ fsync: "off" }), S3Server.start()]);
        bucket = await s3.newBucket();
        for (const name of ["bin", "backup"]) await mkdir(path.join(folder, name));
        await provideAws(path.join(folder, "bin"));
        const page = await readFile(path.join(root, "docs", "team-region.md"), "utf8");
        const section = /## Backup and restore\n([\s\S]*?)\n## /.exec(page)![1]!;
        const blocks = [...section.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block]) =>
          block!
            .replaceAll("s3://acme-images/north", `s3://${bucket}/north`)
            .replaceAll("/srv/images/keys", `${folder}/keys`),
        );
        expect(blocks).to.have.length(6);
        [backup, restore, goBack, archive, baseBackup, toTheMoment] = blocks as Six<string>;

        await server.query("postgres", "create role operator login createrole password 'of-operator'");
        await server.query("postgres", "create database images owner operator");
        await server.query("postgres", "create role alice login password 'of-alice'");
        const places = `disks: s3://${bucket}/north\nkeys: folder://${folder}/keys\n`;
        await writeFile(
          path.join(folder, "region.yaml"),
          `catalog: postgres://operator@127.0.0.1:${server.port}/images\n${places}region: local\naccounts: [{ name: web }]\n`,
        );
        project = await makeProject({
          program: PROGRAM,
          region: "region: local\naccounts: [{ name: web }]\n",
        });
        seed = randomBytes(2 ** 20);
        await writeFile(path.join(project.dir, "seed.raw"), seed);
        project = { ...project, env: { ...s3.env, PGPASSWORD: "of-operator" } };
        await images("region", "apply", path.join(folder, "region.yaml"), "--yes");
        await server.query("postgres", "grant web to alice");
        project = { ...project, env: { ...s3.env, PGPASSWORD: "of-alice" } };
        await pointAtServer();
        await images("up", "--yes", "--stack", "dev");
        await images("up", "--yes", "--stack", "dev");
      });
      after(async () => {
        await Promise.all([server.remove(), s3.remove(), project.remove()]);
        for (const each of [folder, srv]) if (each) await rm(each, { recursive: true, force: true });
      });

      async function images(...args: string[]): Promise<string> {
        const { code, stdout, text } = await runImages(project, ...args);
        expect(code, text).to.equal(0);
        return stdout;
      }
      async function pointAtServer(): Promise<void> {
        const endpoint = `postgres://alice@127.0.0.1:${server.port}/images`;
        await images("config", "set", "images:endpoint", endpoint, "--stack", "dev");
      }
      /** As PostgreSQL's superuser, with the bucket's own credentials. `as`: the system's user, and in its folder. */
      function run(script: string, as: { uid?: number; gid?: number; cwd: string } = { cwd: folder }) {
        const PATH = `${path.join(folder, "bin")}${path.delimiter}${process.env.PATH}`;
        const env = { ...process.env, AWS_REGION: "us-east-1", ...s3.env, ...server.env, PATH };
        return new Promise<void>((resolve, reject) => {
          execFile("bash", ["-e", "-o", "pipefail", "-c", script], { ...as, env }, (error, _out, said) =>
            error ? reject(new Error(said, { cause: error })) : resolve(),
          );
        });
      }
      const findings = async (): Promise<{ ailment: string; id: string; says: string }[]> =>
        JSON.parse((await runImages(project, "doctor", "--json", "--stack", "dev")).stdout);

      it("bring back all of it on new servers: previews say no changes, and disks read", async function () {
        this.timeout(300_000);
        await run(backup);
        await server.remove();
        await s3.removeBucket(bucket);
        await rm(path.join(folder, "keys"), { recursive: true });
        server = await PostgresServer.start({ fsync: "off" });
        expect(await s3.newBucket(bucket)).to.equal(bucket);
        await run(restore);

        await pointAtServer();
        await images("preview", "--stack", "dev", "--expect-no-changes");
        await images("up", "--yes", "--stack", "dev", "--expect-no-changes");
        await images("refresh", "--yes", "--stack", "dev", "--expect-no-changes");
        expect(await images("doctor", "--stack", "dev")).to.equal("Everything is as it should be.\n");
        await project.write({ program: PROGRAM + READING });
        await images("up", "--yes", "--stack", "dev");
        for (const name of ["golden", "opened"]) {
          const bytes = await readFile(path.join(project.dir, "exports", `${name}-vdb.raw`));
          expect(bytes.subarray(0, seed.length).equals(seed), name).to.equal(true);
        }
      });

      it("go back to the moment before a mistake, from a base backup and what was archived since", async function () {
        this.timeout(300_000);
        const there = (srv = await newFolder());
        const runThere = (script: string, data = "") =>
          run(script.replaceAll("/srv/postgres", data).replaceAll("/srv/", `${there}/`), {
            ...identity(),
            cwd: there,
          });
        await runThere(archive);
        await server.restart();
        await runThere(baseBackup);
        await project.write({ program: `${PROGRAM}new Volume("since", { size: 10 });` });
        await images("up", "--yes", "--stack", "dev");
        const [{ moment }] = (await server.query<{ moment: string }>(
          "postgres",
          "select clock_timestamp()::text as moment",
        )) as [{ moment: string }];
        await server.query("images", "drop schema images cascade");
        await server.shutDown();

        const script = toTheMoment.replace("2026-01-31 12:00:00+00", moment);
        expect(script).to.include(moment);
        const brought = await server.onData((data) => runThere(script, data));
        await server.remove();
        server = brought;
        await pointAtServer();
        await images("preview", "--stack", "dev", "--expect-no-changes");
      });

      it("go back to the older dump beside the newer bucket: the doctor tells what is missing, and what is stray", async function () {
        this.timeout(300_000);
        await writeFile(path.join(project.dir, "other.raw"), randomBytes(2 ** 20));
        await project.write({
          program: 'new PrivateImage("later", { imageFile: "other.raw", imageType: "data" });',
        });
        await images("up", "--yes", "--stack", "dev");
        expect(await findings()).to.deep.equal([]);
        const newer = await s3.keys(bucket);
        await run(goBack);
        const found = await findings();
        const of = (ailment: string) => found.filter((each) => each.ailment === ailment);
        expect(of("stray").map(({ id }) => id)).to.deep.equal(newer.map((key) => `s3://${bucket}/${key}`));
        expect(
          of("missingContent").map(({ says }) => says.split(" names ")[0]!.replace(/ img-\w+| vol-\w+/, "")),
        ).to.have.length(3);
        expect(of("missingContent")[0]!.says).to.match(/Bring it back from a backup of the region/);

        const [bringBack] = restore.split("\n").filter((line) => line.startsWith("aws s3 sync"));
        await run(bringBack!);
        expect((await findings()).map(({ ailment }) => ailment)).to.deep.equal(
          of("stray").map(() => "stray"),
        );
      });
    });
  });
});
