import { PostgresCatalog } from "../../../../provider/engine/catalog/postgres-catalog";
import { PostgresDatabase } from "../../../../provider/engine/catalog/postgres/database";
import { readSettings } from "../../../../provider/engine/catalog/postgres/settings";
import type { ProcessMark } from "../../../../provider/engine/catalog/process-mark";
import { describeWithPostgres, PostgresServer } from "../../../support/postgres-server";
import { catalogContract } from "./catalog.contract";
import { CONTRACT_SETTINGS } from "./catalog-under-test";
import { preparedDatabase } from "./postgres/prepared-database";

describeWithPostgres("A catalogue in PostgreSQL", () => {
  catalogContract("PostgresCatalog", async () => {
    const server = await PostgresServer.shared();
    const { database, roleOf } = await preparedDatabase(server, CONTRACT_SETTINGS);
    const accounts = CONTRACT_SETTINGS.regions[0]!.accounts.map(({ name }) => roleOf(name));
    const login = await server.newLogin(database, ...accounts);
    const opened: PostgresCatalog[] = [];
    const asking = new PostgresDatabase(login);
    const settings = await readSettings(asking);
    await asking.close();
    const open = (owner?: ProcessMark) => {
      const catalog = new PostgresCatalog(new PostgresDatabase(login), settings, { owner });
      opened.push(catalog);
      return catalog;
    };
    return {
      catalog: open(),
      openedBy: open,
      cleanUp: async () => {
        for (const catalog of opened) await catalog.close();
      },
    };
  });
});
