import { MemoryKeyService } from "../../../../provider/engine/keys/memory-key-service";
import { keyServiceContract } from "./key-service.contract";

keyServiceContract("MemoryKeyService", async () => ({ open: (now) => new MemoryKeyService(now) }));
