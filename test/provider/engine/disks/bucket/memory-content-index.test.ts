import { MemoryContentIndex } from "../../../../../provider/engine/disks/bucket/memory-content-index";
import { MemoryKeyService } from "../../../../../provider/engine/keys/memory-key-service";
import { contentIndexContract } from "./content-index.contract";

contentIndexContract("MemoryContentIndex", async () => {
  const accounts = new Map<string, string>();
  const keys = new MemoryKeyService();
  let now = 0;
  return {
    index: new MemoryContentIndex(
      (id) => ({ region: "local", account: accounts.get(id) ?? "acme" }),
      () => now,
    ),
    aDayPasses: async () => void (now += 24 * 60 * 60 * 1000 + 1),
    name: async (id, account = "acme") => void accounts.set(id, account),
    unname: async () => undefined,
    wrappedKey: async (account = "acme") => {
      const { id } = await keys.sealingKey({ region: "local", account });
      return (await keys.generateDataKey(id)).wrappedKey;
    },
    cleanUp: async () => undefined,
  };
});
