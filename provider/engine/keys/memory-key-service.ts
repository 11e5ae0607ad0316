import { MemoryKeyStorage } from "./memory/memory-key-storage";
import { MemoryKeyVault } from "./memory/memory-key-vault";
import { StoredKeyService } from "./stored-key-service";
import type { Clock } from "./stored-key-service";

/** Keys that live as long as the process. */
export class MemoryKeyService extends StoredKeyService {
  constructor(now?: Clock) {
    super(new MemoryKeyStorage(), new MemoryKeyVault(), now);
  }
}
