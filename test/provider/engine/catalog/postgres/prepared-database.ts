import type { CatalogSettings } from "../../../../../provider/engine/catalog/catalog-settings";
import { AppliedSetup } from "../../../../../provider/engine/catalog/postgres/applied-setup";
import type { PostgresServer, TestDatabase } from "../../../../support/postgres-server";

/** A database with a region applied to it; each account's role is named for both, as roles are all the server's. */
export async function preparedDatabase(
  server: PostgresServer,
  { regions, offeredImages }: CatalogSettings,
): Promise<{ database: TestDatabase; roleOf(account: string): string }> {
  const database = await server.newDatabase();
  const roleOf = (account: string) => `${database.name}_${account}`;
  const setup = new AppliedSetup(database.url);
  try {
    await setup.apply({
      disks: "s3://disks/team",
      keys: "folder:///srv/keys",
      regions: regions.map(({ name, accounts }) => ({
        name,
        accounts: accounts.map((account) => ({ ...account, role: roleOf(account.name) })),
        offered: offeredImages.filter(({ region }) => region === name),
      })),
    });
  } finally {
    await setup.close();
  }
  return { database, roleOf };
}
