import { expect } from "chai";
import { DEFAULT_SETTINGS } from "../../../../../provider/engine/catalog/catalog-settings";
import { PostgresContentIndex } from "../../../../../provider/engine/catalog/postgres/content-index";
import { PostgresDatabase } from "../../../../../provider/engine/catalog/postgres/database";
import { readSettings } from "../../../../../provider/engine/catalog/postgres/settings";
import { PostgresCatalog } from "../../../../../provider/engine/catalog/postgres-catalog";
import { MemoryKeyVault } from "../../../../../provider/engine/keys/memory/memory-key-vault";
import { PostgresKeyService } from "../../../../../provider/engine/keys/postgres-key-service";
import { DEFAULT_QUOTAS } from "../../../../../provider/engine/model";
import { describeWithPostgres, PostgresServer } from "../../../../support/postgres-server";
import { contentIndexContract } from "../../disks/bucket/content-index.contract";
import { newVolume } from "../records";
import { preparedDatabase } from "./prepared-database";

const accounts = ["acme", "other"].map((name) => ({ name, quotas: DEFAULT_QUOTAS }));

async function open() {
  const server = await PostgresServer.shared();
  const settings = { ...DEFAULT_SETTINGS, regions: [{ name: "local", accounts }] };
  const { database, roleOf } = await preparedDatabase(server, settings);
  const login = await server.newLogin(database, roleOf("acme"), roleOf("other"));
  const own = new PostgresDatabase(login);
  const catalog = new PostgresCatalog(own, await readSettings(own));
  const keys = new PostgresKeyService(own, new MemoryKeyVault());
  return {
    index: new PostgresContentIndex(own),
    keys,
    /** As its operator may; accounts don't disable what seals all their disks. */
    disableKeys: (disabled: boolean) =>
      server.query(database, "update images.master_keys set disabled = $1", [disabled]),
    aDayPasses: () =>
      server.query(database, "update images.contents set cut_off_at = cut_off_at - interval '1 day'"),
    name: async (id: string, account = "acme") => {
      const disk = { id, device: "/dev/vdb", size: 10 };
      await catalog.transaction((tx) => tx.insert("volume", newVolume(`v-${id}`, { account, disk })));
    },
    unname: (id: string) => catalog.transaction((tx) => tx.delete("volume", `v-${id}`)),
    wrappedKey: async (account = "acme") => {
      const { id } = await keys.sealingKey({ region: "local", account });
      return (await keys.generateDataKey(id)).wrappedKey;
    },
    cleanUp: () => catalog.close(),
  };
}

describeWithPostgres("An index of contents in PostgreSQL", () => {
  contentIndexContract("PostgresContentIndex", open);

  it("withholds a data key while its master key is disabled, and lets the key service say why", async () => {
    const { index, keys, disableKeys, name, wrappedKey, cleanUp } = await open();
    try {
      await name("disk-1");
      const draft = { objectId: "0f".repeat(16), wrappedKey: await wrappedKey(), locked: false };
      await index.begin("disk-1", draft);
      await disableKeys(true);
      const withheld = await index.find("disk-1");
      if (withheld?.state !== "writing") throw new Error("not being written");
      expect(withheld.wrappedKey).not.to.equal(draft.wrappedKey);
      const said = await keys.unwrap(withheld.wrappedKey).catch((error: Error) => error.message);
      expect(said).to.match(/is disabled/);
      await disableKeys(false);
      expect(await index.find("disk-1")).to.deep.include(draft);
    } finally {
      await cleanUp();
    }
  });
});
