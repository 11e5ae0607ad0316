import * as say from "../../messages/disk-files";
import { refusal } from "./foreign-disk";
import type { ForeignDisk } from "./foreign-disk";

export async function inspectVhd(disk: ForeignDisk): Promise<number> {
  throw refusal(say.diskFileUnsupported(disk.file, "can't be imported yet", "Convert it to raw first."));
}
