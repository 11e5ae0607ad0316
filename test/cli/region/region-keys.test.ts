import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { GetObjectCommand } from "@aws-sdk/client-s3";
import { expect } from "chai";
import { openRegion } from "../../../provider/engine/open-region";
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
          await engine.instances.check(request);
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
      expect(await run("keys", "list")).to.match(new RegExp(`\\n${key.id} +north +1 +1 +\\S+Z\\n$`));
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

    it("is never disabled, whoever asks the database: what a region offers would go with it", async () => {
      const [{ id, version }] = await list();
      const disabling = { id, region: "north", account: "@operator", version, disabled: true };
      const refused = await server
        .query(database, "select images.put_account_key($1)", [JSON.stringify(disabling)])
        .catch((error: Error) => error.message);
      expect(refused).to.match(/seals the disks of account @operator/);
    });
  });
});
