import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { CreateMultipartUploadCommand, DeleteObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { expect } from "chai";
import { applicationText } from "../../../cli/region/application-text";
import type { Finding } from "../../../provider/engine/doctor/finding";
import { openRegion } from "../../../provider/engine/open-region";
import type { ImageEngine } from "../../../provider/engine/engine";
import { applyRegion } from "../../../provider/engine/region/apply-region";
import { OperatorDoctor } from "../../../provider/engine/region/operator-doctor";
import { planApplication } from "../../../provider/engine/region/plan-application";
import { documentedPolicy } from "../../support/documented-policy";
import { runCommand } from "../../support/images-command";
import { describeWithPostgres, PostgresServer } from "../../support/postgres-server";
import type { TestDatabase } from "../../support/postgres-server";
import { describeWithS3, S3Server, withEnv } from "../../support/s3-server";

const FINE = "Everything is as it should be.\n";

describeWithPostgres("images region doctor, with the least rights,", () => {
  describeWithS3("of a region that offers disk files", () => {
    let folder: string;
    let server: PostgresServer;
    let database: TestDatabase;
    let s3: S3Server;
    let bucket: string;
    let login: string;
    let operator: NodeJS.ProcessEnv;
    let user: NodeJS.ProcessEnv;
    before(async () => {
      [server, s3] = await Promise.all([PostgresServer.shared(), S3Server.shared()]);
      [database, bucket] = await Promise.all([server.newDatabase(), s3.newBucket()]);
      folder = await mkdtemp(path.join(tmpdir(), "images-region-doctor-"));
      [operator, user] = [await s3.newUser(), await s3.newUser()];
      await s3.applyPolicy(bucket, await documentedPolicy(bucket, "team", { user, operator }));
      await write("debian.raw", "seed.raw");
      await apply("debian.raw");
      login = await server.newLogin(database, `${database.name}_web`);
    });
    after(() => rm(folder, { recursive: true, force: true }));
    afterEach(async () => {
      expect(await examine()).to.deep.equal({ findings: [], accounts: [] });
    });

    async function write(...names: string[]): Promise<void> {
      for (const name of names) await writeFile(path.join(folder, name), randomBytes(2 ** 20));
    }
    const rightsOf = (who: NodeJS.ProcessEnv) => ({ ...s3.env, ...who, AWS_REGION: "us-east-1" });
    const doctor = (...args: string[]) =>
      runCommand(folder, ["region", "doctor", ...args], rightsOf(operator));
    function asOperator<T>(work: (doctor: OperatorDoctor) => Promise<T>): Promise<T> {
      return withEnv(rightsOf(operator), async () => {
        const doctor = await OperatorDoctor.open(database.url);
        try {
          return await work(doctor);
        } finally {
          await doctor.close();
        }
      });
    }
    const examine = () => asOperator((doctor) => doctor.examine());
    const ailments = async () => (await examine()).findings.map(({ ailment, id }) => `${ailment} ${id}`);
    const fix = () => asOperator(async (doctor) => doctor.remove((await doctor.examine()).findings));

    async function apply(diskFile: string): Promise<string> {
      await writeFile(
        path.join(folder, "region.yaml"),
        `catalog: ${database.url}\ndisks: s3://${bucket}/team\nkeys: folder://${folder}/keys\nregion: north\n` +
          `accounts: [{ name: web, role: ${database.name}_web }, { name: data, role: ${database.name}_data }]\n` +
          `publicImages: [{ name: Debian 12, diskFile: ${diskFile}, minDisk: 1 }]\n`,
      );
      return withEnv(rightsOf(operator), async () => {
        const plan = await planApplication(path.join(folder, "region.yaml"));
        expect(plan.refusals).to.deep.equal([]);
        await applyRegion(plan);
        return applicationText(plan, "region.yaml");
      });
    }
    const put = (Key: string) => s3.client.send(new PutObjectCommand({ Bucket: bucket, Key, Body: "x" }));
    const url = (key: string) => `s3://${bucket}/${key}`;
    const ofOperator = async () => (await s3.keys(bucket)).filter((key) => key.includes("/@operator/"));

    /** Works as a user with the account's own rights. */
    function asUser<T>(work: (engine: ImageEngine) => Promise<T>): Promise<T> {
      return withEnv(rightsOf(user), async () => {
        const engine = await openRegion({ endpoint: login });
        try {
          return await work(engine);
        } finally {
          await engine.close();
        }
      });
    }
    const makeImage = (name: string) =>
      asUser(async ({ defaults, images }) => {
        const declaration = {
          ...defaults,
          declaredBy: `urn:pulumi:dev::shop::images:PrivateImage::${name}`,
          creationToken: `token-${name}`,
        };
        const imageFile = path.join(folder, "seed.raw");
        const request = { declaration, name, imageFile, imageType: "data" } as const;
        await images.check(request);
        return images.create(request);
      });
    const userFinds = () => asUser(async ({ doctor }) => doctor.examine());

    it("finds nothing wrong with what is offered, and neither does an account's doctor", async () => {
      expect(await doctor()).to.deep.include({ code: 0, stdout: FINE });
      expect(await userFinds()).to.deep.equal([]);
    });

    it("finds and removes objects and uploads of its own that belong to no disk", async () => {
      const [probe, upload] = ["team/north/@operator/probe-1", `team/north/@operator/${"0f".repeat(16)}`];
      const offered = await ofOperator();
      await put(probe);
      await s3.client.send(new CreateMultipartUploadCommand({ Bucket: bucket, Key: upload }));
      expect(await ailments()).to.have.members([`stray ${url(probe)}`, `stray ${url(upload)}`]);
      const told = await doctor();
      expect(told.code).to.equal(1);
      expect(told.stdout)
        .to.include(`! ${url(probe)} belongs to no disk`)
        .and.include("--fix removes 2 of 2");
      expect((await doctor("--fix", "--yes")).stdout).to.match(/Removed 2\.\n$/);
      expect(await ofOperator()).to.deep.equal(offered);
      expect(await s3.uploads(bucket)).to.deep.equal([]);
    });

    it("finds and removes disks that aren't offered any more, or never were", async () => {
      await server.query(
        database,
        `insert into images.contents (id, region, account, account_id)
        select 'offered-' || name, region, account, account_id from images.contents, unnest(array['half', 'old']) as name
        where account = '@operator'`,
      );
      await server.query(
        database,
        `with object as (insert into images.objects (id, account_id, locked, wrapped_key, made_of)
          select repeat('0f', 16), account_id, false, 'v1.key-0123456789ab.1.x', repeat('0c', 32)
          from images.contents where id = 'offered-half' returning id)
        update images.contents set object_id = object.id from object where contents.id = 'offered-half'`,
      );
      await server.query(database, "update images.contents set discarded = true where id = 'offered-old'");
      await put(`team/north/@operator/${"0f".repeat(16)}`);
      const offered = (await ofOperator()).filter((key) => !key.endsWith("0f0f"));
      expect(await ailments()).to.deep.equal(["orphanContent offered-half", "discardedContent offered-old"]);
      expect(await userFinds(), "it is none of the accounts'").to.deep.equal([]);
      expect(await fix()).to.deep.equal([]);
      expect(await ofOperator()).to.deep.equal(offered);
      expect(await ailments()).to.deep.equal([]);
    });

    it("tells which offered disk isn't there, and applying without and with its file brings it back", async () => {
      const [key] = await ofOperator();
      await s3.client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key! }));
      expect(await ailments()).to.deep.equal(["missingContent img-pub-debian-12"]);
      const [{ says, removal }] = (await examine()).findings as [Finding];
      expect(removal).to.equal("none");
      expect(says).to.match(
        /^Public image Debian 12 \(img-pub-debian-12\) is offered with a disk that isn't in the store: offered-\w+\./,
      );
      await write("other.raw");
      await apply("other.raw");
      expect(await ailments()).to.deep.equal([]);
      await apply("debian.raw");
    });

    it("lets applying send a disk again that the database knows not to be whole", async () => {
      const [key] = await ofOperator();
      await server.query(
        database,
        "update images.contents set virtual_bytes = null, discarded = true where account = '@operator'",
      );
      expect(await ailments()).to.deep.equal(["missingContent img-pub-debian-12"]);
      expect(await apply("debian.raw")).to.include(
        "~ public image img-pub-debian-12 (Debian 12): its disk file, 1 GiB",
      );
      const [again, ...others] = await ofOperator();
      expect(others).to.deep.equal([]);
      expect(again).not.to.equal(key);
    });

    it("sums up what accounts have to mend, which their own doctors do", async () => {
      const { id } = await makeImage("golden");
      const object = (await s3.keys(bucket)).find((key) => key.includes("/web/"));
      const kept = await makeImage("kept");
      const strays = [`team/north/web/${"0f".repeat(16)}`, `team/north/gone/${"0f".repeat(16)}`];
      for (const stray of strays) await put(stray);
      // As a run does that is killed before it removes the disk.
      const client = await server.connect(login);
      await client.query("select images.delete_record('image', $1)", [id]);
      const unnamed = (await client.query("select images.discarded() as id")).rows[0].id;
      await server.disconnect(client);

      const none = { unnamed: 0, strays: 0, missing: 0 };
      expect(await examine()).to.deep.equal({
        findings: [],
        accounts: [
          { region: "north", account: "web", ...none, unnamed: 1, strays: 1 },
          { region: "north", account: "gone", isGone: true, ...none, strays: 1 },
        ],
      });
      const told = await doctor("--fix", "--yes");
      expect(told.code).to.equal(1);
      expect(told.stdout).to.match(
        /^These accounts .*:\nACCOUNT +UNNAMED.*\nnorth\/web +1 +1 +0\nnorth\/gone \(no account\) +0 +1 +0\n$/,
      );

      const findings = await userFinds();
      expect(findings.map(({ ailment, id }) => `${ailment} ${id}`)).to.deep.equal([
        `discardedContent ${unnamed}`,
        `stray ${url(strays[0]!)}`,
      ]);
      expect(await asUser(({ doctor }) => doctor.remove(findings))).to.deep.equal([]);
      await s3.client.send(new DeleteObjectCommand({ Bucket: bucket, Key: strays[1]! }));
      expect((await examine()).accounts).to.deep.equal([]);
      expect(await s3.keys(bucket)).to.not.include(strays[0]);

      const left = (await s3.keys(bucket)).filter((key) => key.includes("/web/"));
      expect(left).to.have.length(1);
      expect(left).not.to.deep.equal([object]);
      await s3.client.send(new DeleteObjectCommand({ Bucket: bucket, Key: left[0]! }));
      expect((await examine()).accounts).to.deep.equal([
        { region: "north", account: "web", ...none, missing: 1 },
      ]);
      await asUser(({ images }) => images.remove(kept.id));
    });
  });
});
