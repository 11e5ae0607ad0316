import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { expect } from "chai";
import { AppliedSetup } from "../../../provider/engine/catalog/postgres/applied-setup";
import type { ImageEngine } from "../../../provider/engine/engine";
import type { ImageRecord } from "../../../provider/engine/model";
import { DEFAULT_QUOTAS } from "../../../provider/engine/model";
import { openTeamRegion } from "../../../provider/engine/open-team-region";
import { describeWithPostgres } from "../../support/postgres-server";
import type { TestDatabase } from "../../support/postgres-server";
import { sharedTeamServers } from "../../support/regions/team-servers";
import type { TeamServers } from "../../support/regions/team-servers";
import { describeWithS3 } from "../../support/s3-server";
import { describeWithSoftHsm } from "../../support/softhsm";
import { refused } from "./keys/key-service.contract";
import { byId, TestRun, up } from "./world";

const REGION = "local";

describeWithPostgres("the region of a team", () => {
  describeWithS3("with disks in a bucket", () => {
    describeWithSoftHsm("and keys on a token", () => defineSuite());
  });
});

function defineSuite(): void {
  let servers: TeamServers;
  let folder: string;
  let database: TestDatabase;
  let endpoints: Record<string, string>;
  let image: ImageRecord;
  let bucket: string;
  const opened: ImageEngine[] = [];

  before(async () => {
    servers = await sharedTeamServers();
    folder = await mkdtemp(join(tmpdir(), "images-team-"));
    const { postgres, s3, hsm } = servers;
    database = await postgres.newDatabase();
    const role = (account: string) => `${database.name}_${account}`;
    const account = (name: string) => ({ name, role: role(name), quotas: DEFAULT_QUOTAS });
    const setup = new AppliedSetup(database.url);
    const accounts = ["owner", "member", "stranger"];
    const regions = [{ name: REGION, accounts: accounts.map(account), offered: [] }];
    bucket = await s3.newBucket();
    await setup.apply({ disks: `s3://${bucket}/disks`, keys: hsm.url, regions });
    await setup.close();
    endpoints = {};
    for (const name of accounts) endpoints[name] = await postgres.newLogin(database, role(name));
    await writeFile(join(folder, "disk.raw"), randomBytes(2 ** 20));
    const run = await runOf("owner");
    const os = { osName: "CentOS", osVersion: "7.4" };
    const instance = run.instance("vm", { diskFile: join(folder, "disk.raw"), os });
    const { id } = await up(run.engine.instances, instance);
    image = await up(run.engine.images, run.image("golden", byId(id)));
    await up(run.engine.shares, run.share("to-member", byId(image.id), "member"));
  });
  after(async () => {
    for (const engine of opened) await engine.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** A run by an account's own login. */
  async function runOf(account: string): Promise<TestRun> {
    const engine = await openTeamRegion({ endpoint: endpoints[account]! });
    opened.push(engine);
    return new TestRun(engine, { region: REGION, account });
  }

  const keysOf = async (account: string) => (await runOf(account)).engine.keys({ region: REGION, account });
  const sealingKeyOf = async (account: string) => {
    const uses = await (await keysOf(account)).list({ sealing: true });
    return uses.find(({ key }) => key.purpose === "sealing")!;
  };

  /** An image of what an account makes of the shared one, to compare by its checksum. */
  async function copyOf(account: string, name: string): Promise<ImageRecord> {
    const run = await runOf(account);
    const instance = await up(run.engine.instances, run.instance(`${name}-vm`, { image: byId(image.id) }));
    return up(run.engine.images, run.image(name, byId(instance.id)));
  }

  it("lets a member's login read what is shared with it, and seals what it makes under its own key", async () => {
    const copy = await copyOf("member", "copy");
    expect(copy.checksum).to.equal(image.checksum);
    const [own, owners] = [await sealingKeyOf("member"), await sealingKeyOf("owner")];
    expect(own.key.id).not.to.equal(owners.key.id);
    expect(own.sealed).not.to.deep.equal([]);
  });

  it("shows a member's login none of the owner's keys, and lets it change none", async () => {
    const { key } = await sealingKeyOf("owner");
    const keys = await keysOf("member");
    const shown = (await keys.list({ sealing: true })).map(({ key }) => key.id);
    expect(shown).not.to.include(key.id);
    for (const verb of ["rotate", "rewrap", "disable"] as const) {
      expect(await refused(keys[verb](key.id)), verb).to.contain(`There is no master key ${key.id}`);
    }
    expect((await sealingKeyOf("owner")).key.version).to.equal(1);
  });

  it("lets a member go on reading while the owner rotates the key that seals its disks", async () => {
    const { key } = await sealingKeyOf("owner");
    const rotated = await (await keysOf("owner")).rotate(key.id);
    expect(rotated.key.version).to.equal(2);
    expect(rotated.count).to.be.greaterThan(0);
    const again = await copyOf("member", "again");
    expect(again.checksum).to.equal(image.checksum);
  });

  it("finds what stands in the bucket for no disk of the login's own accounts, and removes nothing else", async () => {
    const { s3 } = servers;
    const strays = ["owner", "member"].map((account) => `disks/${REGION}/${account}/${"0f".repeat(16)}`);
    const others = ["exports/golden.qcow2", "README"].map((name) => `disks/${REGION}/owner/${name}`);
    for (const Key of [...strays, ...others])
      await s3.client.send(new PutObjectCommand({ Bucket: bucket, Key, Body: "x" }));
    const before = await s3.keys(bucket);
    const { doctor } = (await runOf("owner")).engine;
    const found = (await doctor.examine()).filter(({ ailment }) => ailment === "stray");
    expect(found.map(({ id }) => id)).to.deep.equal([`s3://${bucket}/${strays[0]}`]);
    expect(await doctor.remove(found)).to.deep.equal([]);
    expect(await s3.keys(bucket)).to.deep.equal(before.filter((key) => key !== strays[0]));
    expect((await copyOf("member", "after")).checksum).to.equal(image.checksum);
  });

  it("makes in one step what only names again what the account has: nothing of it is ever in the making", async () => {
    const run = await runOf("owner");
    const { instances, images, replicas, conversions, volumes } = run.engine;
    const of = byId(image.id);
    const vm = await up(instances, run.instance("of-image", { image: of, dataDisks: [{ size: 10 }] }));
    const blank = await up(volumes, run.volume("blank", { size: 10 }));
    const replica = await up(replicas, run.replica("replica", of));
    const made = [
      vm,
      blank,
      replica,
      await up(images, run.image("of-blank", undefined, { volume: byId(blank.id) })),
      await up(conversions, run.conversion("conversion", of)),
    ];
    expect(replica.checksum).to.equal(image.checksum);
    for (const { id, name } of made) {
      const changes = await servers.postgres.query<{ action: string }>(
        database,
        "select action from images.audit where id = $1",
        [id],
      );
      expect(changes, name).to.deep.equal([{ action: "insert" }]);
    }
    // Seen by no later run yet, it is the one that a creation of the same finds.
    const again = await runOf("owner");
    const found = await up(again.engine.replicas, again.replica("replica", of));
    expect(found.id).to.equal(replica.id);
  });

  it("keeps from a stranger's login what it can't see", async () => {
    const run = await runOf("stranger");
    const { violations } = await run.engine.instances.check(run.instance("vm", { image: byId(image.id) }));
    expect(violations.map(({ reason }) => reason).join("\n")).to.contain(image.id);
  });
}
