import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "chai";
import { openRegion } from "../../../../../provider/engine/open-region";
import { applyRegion } from "../../../../../provider/engine/region/apply-region";
import { openCopy } from "../../../../../provider/engine/region/copy/open-copy";
import { planApplication } from "../../../../../provider/engine/region/plan-application";
import { describeWithPostgres, PostgresServer } from "../../../../support/postgres-server";
import { describeWithS3, S3Server, withEnv } from "../../../../support/s3-server";

const UNHEARD = { disk: () => undefined, progress: () => undefined, records: () => undefined };

describeWithPostgres("A copy of a region", () => {
  describeWithS3("to a team's", () => {
    let folder: string;
    let endpoint: string;
    let s3: S3Server;
    before(async () => {
      const [postgres, store] = await Promise.all([PostgresServer.shared(), S3Server.shared()]);
      s3 = store;
      const [{ url, name }, bucket] = await Promise.all([postgres.newDatabase(), s3.newBucket()]);
      endpoint = url;
      folder = await mkdtemp(path.join(tmpdir(), "images-copy-"));
      const file = path.join(folder, "team.yaml");
      const places = `catalog: ${url}\ndisks: s3://${bucket}\nkeys: folder://${folder}/keys\n`;
      await writeFile(file, `${places}accounts: [{ name: default, role: ${name}_default }]\n`);
      await withEnv(s3.env, async () => applyRegion(await planApplication(file)));
    });
    after(() => rm(folder, { recursive: true, force: true }));

    async function makeVolume(source: string, name: string): Promise<string> {
      const engine = await openRegion({ endpoint: source });
      try {
        const urn = `urn:pulumi:dev::shop::images:Volume::${name}`;
        const declaration = { declaredBy: urn, creationToken: `token-${name}`, ...engine.defaults };
        const request = { declaration, size: 1 };
        await engine.volumes.check(request);
        return (await engine.volumes.create(request)).id;
      } finally {
        await engine.close();
      }
    }

    it("tells what was made in the source while it ran, and copies that when it runs again", async () => {
      const source = path.join(folder, "source");
      const work = path.join(folder, "work");
      await mkdir(work);
      await makeVolume(source, "first");
      await withEnv(s3.env, async () => {
        const copy = await openCopy(source, endpoint, { workFolder: work });
        try {
          const late = await makeVolume(source, "late");
          const left = await copy.run(UNHEARD);
          expect(left).to.deep.equal([`volume ${late} was made meanwhile.`]);
        } finally {
          await copy.close();
        }
        const again = await openCopy(source, endpoint, { workFolder: work });
        try {
          expect(again.plan).to.deep.include({ present: 1, refusals: [] });
          expect(again.plan.records.map(({ record }) => "name" in record && record.name)).to.deep.equal([
            "late",
          ]);
          expect(await again.run(UNHEARD)).to.deep.equal([]);
        } finally {
          await again.close();
        }
      });
      expect(await readdir(work), "nothing is left where disks stood on their way").to.deep.equal([]);
    });

    it("goes from a folder with a region in it to a database with one, and no other way", async () => {
      const refused = async (from: string, to: string) => {
        const copy = await openCopy(from, to).catch((error: Error) => error.message);
        expect(copy).to.be.a("string");
        return copy;
      };
      expect(await refused(endpoint, folder)).to.match(/A copy goes from the folder of an embedded region/);
      expect(await refused(folder, endpoint)).to.match(/there is no catalogue\. Name the folder/);
      const { url } = await (await PostgresServer.shared()).newDatabase();
      expect(await refused(folder, url)).to.match(/none was applied to it\. Run first: images region apply/);
    });
  });
});
