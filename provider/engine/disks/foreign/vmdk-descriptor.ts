import * as say from "../../messages/disk-files";
import { refusal } from "./foreign-disk";
import type { ForeignDisk } from "./foreign-disk";
import { SECTOR } from "./signatures";
import type { VmdkHeader } from "./vmdk-header";

/** Readers look for a parent in so much, wherever the descriptor ends. */
const SEARCHED_SECTORS = 20;
const SELF_CONTAINED = ["monolithicsparse", "streamoptimized"];
const NO_PARENT = "ffffffff";
const PARENT = /parentFileNameHint\s*=?\s*"?([^"\n]*)/i;
/** `RW 20480 SPARSE "disk.vmdk"`. */
const EXTENT = /^(?:RW|RDONLY|NOACCESS)\s+(\d+)\s+(\w+)(?:\s+"([^"]*)"\s*(\d*))?/i;
const ENTRY = /^([\w.]+)\s*=\s*(.*)$/;

/** The text inside the file: one extent, which is the file itself, and no parent. */
export async function inspectVmdkDescriptor(disk: ForeignDisk, header: VmdkHeader): Promise<void> {
  const { file } = disk;
  const length = header.descriptorSectors * SECTOR;
  disk.requireInside(SECTOR, length, "its descriptor");
  const searched = Math.min(Math.max(length, SEARCHED_SECTORS * SECTOR), disk.bytes - SECTOR);
  const bytes = await disk.read(SECTOR, searched, "its descriptor");
  const parent = PARENT.exec(bytes.toString("latin1"));
  if (parent) throw refusal(say.diskFileReachesOutside(file, "a parent disk", parent[1]!.slice(0, 200)));
  const text = bytes.toString("utf8", 0, length).replace(/\0.*$/s, "");
  const entries = new Map<string, string>();
  const extents: RegExpExecArray[] = [];
  for (const line of text.split(/\r?\n/).map((each) => each.trim())) {
    if (line === "" || line.startsWith("#")) continue;
    const extent = EXTENT.exec(line);
    const entry = ENTRY.exec(line);
    disk.require(extent !== null || entry !== null, "its descriptor", "has a line that isn't understood");
    if (extent) extents.push(extent);
    else if (!entry![1]!.startsWith("ddb.")) {
      const key = entry![1]!.toLowerCase();
      disk.require(!entries.has(key), "its descriptor", `states ${JSON.stringify(key)} twice`);
      entries.set(key, entry![2]!.replace(/^"(.*)"$/, "$1").toLowerCase());
    }
  }
  requireExtentIsFile(disk, header, extents);
  const type = entries.get("createtype") ?? "";
  if (!SELF_CONTAINED.includes(type)) {
    throw refusal(say.diskFileUnsupported(file, `is of the kind ${JSON.stringify(type.slice(0, 60))}`));
  }
  if (entries.get("parentcid") !== NO_PARENT)
    throw refusal(say.diskFileReachesOutside(file, "a parent disk"));
}

/** The extent is named as the file was when it was written: a name alone doesn't tell a renamed file from another. */
function requireExtentIsFile(disk: ForeignDisk, header: VmdkHeader, extents: RegExpExecArray[]): void {
  for (const [i, [, sectors, kind, name = "", offset]] of extents.entries()) {
    const isOne =
      i === 0 && kind!.toUpperCase() === "SPARSE" && Number(sectors) === header.sectors && !offset;
    if (isOne && !/[/\\:]/.test(name)) continue;
    throw refusal(say.diskFileReachesOutside(disk.file, "an extent in another file", name.slice(0, 200)));
  }
  disk.require(extents.length === 1, "its descriptor", "names no extent");
}
