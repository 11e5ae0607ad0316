import { MemoryCatalog } from "../../../../provider/engine/catalog/memory-catalog";
import { catalogContract } from "./catalog.contract";

catalogContract("MemoryCatalog", async () => {
  const catalog = new MemoryCatalog();
  return { catalog, openedBy: (owner) => catalog.openedBy(owner), cleanUp: () => catalog.close() };
});
