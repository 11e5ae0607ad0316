import { MemoryCatalog } from "../../../../provider/engine/catalog/memory-catalog";
import { catalogContract } from "./catalog.contract";
import { CONTRACT_SETTINGS } from "./catalog-under-test";

catalogContract("MemoryCatalog", async () => {
  const catalog = new MemoryCatalog(CONTRACT_SETTINGS);
  return { catalog, openedBy: (owner) => catalog.openedBy(owner), cleanUp: () => catalog.close() };
});
