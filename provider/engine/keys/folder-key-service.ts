import { KeyFolder } from "./key-folder";
import { StoredKeyService } from "./stored-key-service";
import type { Clock } from "./stored-key-service";

/** Keys in a folder that the user alone can read; made with the first key. */
export class FolderKeyService extends StoredKeyService {
  constructor(folder: string, now?: Clock) {
    super(new KeyFolder(folder), now);
  }
}
