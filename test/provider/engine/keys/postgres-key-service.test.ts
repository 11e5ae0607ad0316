import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect } from "chai";
import type { PostgresDatabase } from "../../../../provider/engine/catalog/postgres/database";
import type { KeyVault } from "../../../../provider/engine/keys/key-vault";
import { MemoryKeyVault } from "../../../../provider/engine/keys/memory/memory-key-vault";
import { PostgresKeyService } from "../../../../provider/engine/keys/postgres-key-service";
import { describeWithPostgres } from "../../../support/postgres-server";
import { describeWithSoftHsm, SoftHsm } from "../../../support/softhsm";
import { fault, keyServiceContract, refused } from "./key-service.contract";
import { TeamDatabase } from "./postgres/team-database";
import { describeForVaults } from "./vaults";

const owner = { region: "local", account: "default" };

describeWithPostgres("keys of a team", () => {
  let team: TeamDatabase;
  let database: PostgresDatabase;
  before(async () => {
    team = await TeamDatabase.make();
    database = await team.connectAs("default", "web");
  });
  after(() => team.close());
  beforeEach(() => team.empty());

  describeForVaults("held", (open) =>
    keyServiceContract("PostgresKeyService", async () => ({
      open: (now) => new PostgresKeyService(database, open(), now),
    })),
  );

  const serviceOf = async (vault: KeyVault, ...accounts: string[]) =>
    new PostgresKeyService(await team.connectAs(...accounts), vault);

  it("are dated by the server, whatever the client's clock says", async () => {
    const keys = new PostgresKeyService(database, new MemoryKeyVault());
    const [{ now }] = (await database.query<{ now: string }>("select clock_timestamp() as now")) as [
      { now: string },
    ];
    const { id, createdAt } = await keys.create(owner);
    expect(Math.abs(Date.parse(createdAt) - Date.parse(now))).to.be.lessThan(60_000);
    const { deletedAt } = await keys.scheduleDeletion(id, 7);
    expect(Date.parse(deletedAt!) - Date.parse(createdAt)).to.be.within(
      7 * 86_400_000,
      7 * 86_400_000 + 60_000,
    );
  });

  it("are one default and one sealing key for 8 logins that need them at once", async () => {
    const vault = new MemoryKeyVault();
    const services = await Promise.all(Array.from({ length: 8 }, () => serviceOf(vault, "default")));
    const made = await Promise.all(
      services.flatMap((keys) => [keys.defaultKey(owner), keys.sealingKey(owner)]),
    );
    expect(new Set(made.map(({ id }) => id)).size).to.equal(2);
    expect(await services[0]!.list({ sealing: true })).to.have.length(2);
  });

  it("are neither seen nor changed by another account, nor made for it", async () => {
    const vault = new MemoryKeyVault();
    const mine = await serviceOf(vault, "default");
    const others = await serviceOf(vault, "web");
    const { id } = await mine.create(owner);
    const { wrappedKey } = await mine.generateDataKey(id);
    expect(await others.list({ sealing: true })).to.deep.equal([]);
    for (const use of [
      () => others.unwrap(wrappedKey),
      () => others.rotate(id),
      () => others.disable(id),
      () => others.scheduleDeletion(id, 7),
    ]) {
      expect(await refused(use())).to.contain(`There is no master key ${id}`);
    }
    expect(await fault(others.create(owner))).to.contain("is no member of the role of account default");
  });

  it("that seal disks are kept from being disabled or deleted by the database too", async () => {
    const keys = await serviceOf(new MemoryKeyVault(), "default");
    const key = await keys.sealingKey(owner);
    const client = await team.server.connect(await team.login("default"));
    const facts = { ...key, disabled: false, isDefault: false };
    const put = (changes: object) =>
      client.query("select images.put_master_key($1)", [JSON.stringify({ ...facts, ...changes })]).then(
        () => "done",
        (error: { code: string }) => error.code,
      );
    expect(await put({ disabled: true })).to.equal("IM063");
    expect(await put({ deletedAt: "2030-01-01T00:00:00Z" })).to.equal("IM063");
    expect(await put({ version: 2 })).to.equal("done");
    expect(await put({ version: 1 })).to.equal("IM007");
    expect(await put({ version: 4 })).to.equal("IM007");
    const another = { ...facts, id: "key-0123456789ab" };
    expect(
      await client.query("select images.put_master_key($1)", [JSON.stringify(another)]).catch((e) => e.code),
    ).to.equal("IM062");
    await team.server.disconnect(client);
  });

  describeWithSoftHsm("on a token", () => {
    let hsm: SoftHsm;
    before(async () => (hsm = await SoftHsm.make()));
    after(() => hsm.remove());

    it("serve 8 processes that use and rotate one key at once", async () => {
      const endpoint = await team.login("default");
      const env = { ...process.env, ...hsm.env };
      const workers = Array.from({ length: 8 }, async () => {
        const args = [require.resolve("./postgres/team-worker"), endpoint, hsm.url];
        return (await promisify(execFile)(process.execPath, args, { env })).stdout;
      });
      const said = await Promise.all(workers);
      expect(new Set(said).size, said.join("\n")).to.equal(1);
      const [key, ...more] = await new PostgresKeyService(database, new MemoryKeyVault()).list();
      expect(more).to.deep.equal([]);
      expect(key!.version).to.equal(1 + 8 * 3);
    });
  });

  it("keep what was changed when the connections are cut in the midst of changes", async () => {
    const vault = new MemoryKeyVault();
    const keys = await serviceOf(vault, "default");
    const { id } = await keys.create(owner);
    const rotations = Array.from({ length: 10 }, () => keys.rotate(id));
    await team.server.terminateConnections(team.database);
    await team.server.terminateConnections(team.database);
    const versions = (await Promise.all(rotations)).map(({ version }) => version);
    expect(versions.sort((a, b) => a - b)).to.deep.equal([2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect((await keys.list())[0]!.version).to.equal(11);
  });
});
