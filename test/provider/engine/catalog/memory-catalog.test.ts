import { MemoryCatalog } from "../../../../provider/engine/catalog/memory-catalog";
import { catalogContract, CONTRACT_SETTINGS } from "./catalog.contract";

catalogContract("MemoryCatalog", async () => {
  const catalog = new MemoryCatalog(CONTRACT_SETTINGS);
  return { catalog, openedBy: (owner) => catalog.openedBy(owner), cleanUp: () => catalog.close() };
});
