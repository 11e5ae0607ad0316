import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { GetObjectCommand } from "@aws-sdk/client-s3";
import { expect } from "chai";
import { openRegion } from "../../../provider/engine/open-region";
import { ViolationError } from "../../../provider/engine/violation";
import { runCommand } from "../../support/images-command";
import { describeWithPostgres, PostgresServer } from "../../support/postgres-server";
import type { TestDatabase } from "../../support/postgres-server";
import { describeWithS3, S3Server, withEnv } from "../../support/s3-server";

describeWithPostgres("images region keys", () => {
  describeWithS3("of a region that offers disk files", () => {
    let folder: string;
    let server: PostgresServer;
    let database: TestDatabase;
    let s3: S3Server;
    let bucket: string;
    let login: string;
    before(async () => {
      [server, s3] = await Promise.all([PostgresServer.shared(), S3Server.shared()]);
      [database, bucket] = await Promise.all([server.newDatabase(), s3.newBucket()]);
      folder = await mkdtemp(path.join(tmpdir(), "images-region-keys-"));
      await writeFile(path.join(folder, "debian.raw"), randomBytes(2 ** 20));
      const role = `${database.name}_web`;
      const places = `catalog: ${database.url}\ndisks: s3://${bucket}/team\nkeys: folder://${folder}/keys\n`;
      const offered = "publicImages: [{ name: Debian 12, diskFile: debian.raw, minDisk: 1 }]\n";
      const accounts = `region: north\naccounts: [{ name: web, role: ${role} }]\n`;
      await writeFile(path.join(folder, "region.yaml"), places + accounts + offered);
      await run("apply", "--yes");
      login = await server.newLogin(database, role);
    });
    after(() => rm(folder, { recursive: true, force: true }));

    async function run(...args: string[]): Promise<string> {
      const { code, stdout, stderr } = await runCommand(folder, ["region", ...args], s3.env);
      expect(code, stdout + stderr).to.equal(0);
      return stdout;
    }
    const list = async () => JSON.parse(await run("keys", "list", "--json"));

    /** All objects of the operator's, and what they are. */
    async function objects(): Promise<[string, string][]> {
      const keys = (await s3.keys(bucket)).filter((key) => key.includes("/@operator/"));
      return Promise.all(
        keys.map(async (Key): Promise<[string, string]> => {
          const { Body } = await s3.client.send(new GetObjectCommand({ Bucket: bucket, Key }));
          return [Key, await Body!.transformToString("hex")];
        }),
      );
    }

    /** As a user, who has to open what the operator's key seals. */
    function makeInstance(name: string): Promise<string> {
      return withEnv(s3.env, async () => {
        const engine = await openRegion({ endpoint: login });
        try {
          const declaration = {
            ...engine.defaults,
            declaredBy: `urn:pulumi:dev::shop::images:Instance::${name}`,
            creationToken: `token-${name}`,
          };
          const request = {
            declaration,
            image: { id: "img-pub-debian-12" },
            systemDisk: { type: "localDisk" },
          } as const;
          const { violations } = await engine.instances.check(request);
          if (violations.length > 0) throw new ViolationError(violations);
          return (await engine.instances.create(request)).id;
        } finally {
          await engine.close();
        }
      });
    }

    it("shows the operator's key, and no account's", async () => {
      const [key, ...others] = await list();
      expect(others).to.deep.equal([]);
      expect(key).to.include({
        region: "north",
        account: "@operator",
        purpose: "sealing",
        version: 1,
        older: 0,
      });
      expect(key.sealed).to.have.length(1);
      expect(await run("keys", "list")).to.match(new RegExp(`\\n${key.id} +north +enabled +1 +1 +\\S+Z\\n$`));
    });

    it("rotates it with no object written, and users read on", async () => {
      const [{ id }] = await list();
      const before = await objects();
      expect(before).to.have.length(1);
      await makeInstance("before");
      expect(await run("keys", "rotate", id)).to.equal(
        `Master key ${id} is at version 2; 1 data key was wrapped anew.\n`,
      );
      expect((await list())[0]).to.include({ version: 2, older: 0 });
      expect(await objects()).to.deep.equal(before);
      await makeInstance("after");
    });

    it("carries on a rotation that was cut off between the new version and what it wraps", async () => {
      const [{ id, sealed }] = await list();
      const wrapped = "select wrapped_key as key from images.objects where id = $1";
      const [before] = await server.query<{ key: string }>(database, wrapped, sealed);
      await run("keys", "rotate", id);
      await server.query(database, "update images.objects set wrapped_key = $2 where id = $1", [
        sealed[0],
        before!.key,
      ]);
      expect((await list())[0]).to.include({ version: 3, older: 1 });
      await makeInstance("meanwhile");
      expect(await run("keys", "rewrap", id)).to.contain("version 3; 1 data key was wrapped anew");
      expect(await run("keys", "rewrap", id)).to.contain("version 3; 0 data keys were wrapped anew");
      await makeInstance("at-last");
    });

    it("rotates no account's key, and none that isn't there", async () => {
      const [{ id }] = (await server.query<{ id: string }>(
        database,
        "select id from images.master_keys where account = 'web' and purpose = 'sealing'",
      )) as [{ id: string }];
      for (const other of [id, "key-000000000000"]) {
        const refused = await runCommand(folder, ["region", "keys", "rotate", other], s3.env);
        expect(refused.code).to.equal(1);
        expect(refused.stderr).to.match(/No master key \S+ seals what a region offers\. .*region keys list/);
      }
    });

    it("lets nothing be made of what is offered while it is disabled, in the preview already, and then again", async () => {
      const [{ id }] = await list();
      expect(await run("keys", "disable", id)).to.equal(`Master key ${id} of region north is disabled.\n`);
      expect((await list())[0]).to.include({ state: "disabled" });
      expect(await makeInstance("too-early").catch((error: Error) => error.message)).to.match(
        /imageId: Image Debian 12 \(img-pub-debian-12\) can't be read for now: the region's operator has disabled/,
      );
      expect(await run("apply")).to.contain("nothing to do");
      expect(await run("keys", "enable", id)).to.equal(`Master key ${id} of region north is enabled.\n`);
      await makeInstance("again");
    });

    it("refuses a disk to a client that didn't look before, while it is disabled", async () => {
      const [{ id, sealed }] = await list();
      const client = await server.connect(login);
      const content = async () => {
        const named = "select id from images.contents where object_id = $1 and account = '@operator'";
        const [row] = await server.query<{ id: string }>(database, named, sealed);
        return (await client.query("select images.content($1) as content", [row!.id])).rows[0].content;
      };
      expect((await content()).object.wrappedKey).to.be.a("string");
      await run("keys", "disable", id);
      expect((await content()).object.wrappedKey).to.equal(null);
      await run("keys", "enable", id);
      await server.disconnect(client);
    });

    it("is never deleted, and an account's never disabled, whoever asks the database", async () => {
      const keys = await server.query<{ id: string; account: string; version: number }>(
        database,
        "select id, account, version from images.master_keys where purpose = 'sealing' order by account",
      );
      const [operators, web] = keys.map((key) => ({ ...key, region: "north", disabled: false }));
      for (const change of [
        { ...operators, deletedAt: "2100-01-01T00:00:00Z" },
        { ...web, disabled: true },
      ]) {
        const refused = await server
          .query(database, "select images.put_account_key($1)", [JSON.stringify(change)])
          .catch((error: Error) => error.message);
        expect(refused).to.match(/seals the disks of account/);
      }
    });
  });
});
