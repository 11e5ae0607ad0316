import * as say from "../../messages/disk-files";
import { refusal } from "./foreign-disk";
import type { ForeignDisk } from "./foreign-disk";
import { SECTOR } from "./signatures";

/** Whole sectors, and nothing that reads as another format. */
export async function inspectRaw(disk: ForeignDisk): Promise<number> {
  const { file, bytes } = disk;
  if (bytes % SECTOR !== 0) throw refusal(say.diskFileHasPartSector(file, bytes, SECTOR));
  return bytes;
}
