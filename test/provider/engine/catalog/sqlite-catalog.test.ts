import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Catalog } from "../../../../provider/engine/catalog/catalog";
import { SqliteCatalog } from "../../../../provider/engine/catalog/sqlite-catalog";
import { catalogContract } from "./catalog.contract";

catalogContract("SqliteCatalog", async () => {
  const folder = await mkdtemp(join(tmpdir(), "images-catalog-"));
  const file = join(folder, "catalog.db");
  const opened: Catalog[] = [];
  const open = (...args: ConstructorParameters<typeof SqliteCatalog>) => {
    const catalog = new SqliteCatalog(...args);
    opened.push(catalog);
    return catalog;
  };
  return {
    catalog: open(file),
    openedBy: (owner) => open(file, undefined, owner),
    cleanUp: async () => {
      for (const catalog of opened) await catalog.close();
      await rm(folder, { recursive: true });
    },
  };
});
