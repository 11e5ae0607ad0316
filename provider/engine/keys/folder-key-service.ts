import { FolderKeyStorage } from "./folder/folder-key-storage";
import { FolderKeyVault } from "./folder/folder-key-vault";
import { StoredKeyService } from "./stored-key-service";
import type { Clock } from "./stored-key-service";

/** Keys in a folder that the user alone can read; made with the first key. */
export class FolderKeyService extends StoredKeyService {
  constructor(folder: string, now?: Clock) {
    super(new FolderKeyStorage(folder), new FolderKeyVault(folder, { makes: true }), now);
  }
}
