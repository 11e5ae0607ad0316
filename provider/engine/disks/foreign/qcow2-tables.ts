import * as say from "../../messages/disk-files";
import { ClusterMap } from "./cluster-map";
import { refusal } from "./foreign-disk";
import type { ForeignDisk } from "./foreign-disk";
import { SECTOR } from "./signatures";

export interface Qcow2Layout {
  virtualBytes: number;
  clusterBits: number;
  hasSubclusters: boolean;
  hasZeroFlag: boolean;
  l1: { offset: number; entries: number };
  refcounts: { offset: number; bytes: number };
}

const HIGH = 2 ** 32;
/** What the tables of any disk of a sensible cluster size stay below, and what is walked in seconds. */
const MAX_TABLES = 2 ** 18;
const MAX_TABLE_BYTES = 2 ** 32;

/** Sees that all tables and all clusters that they name lie in the file, each by itself. */
export async function inspectQcow2Tables(disk: ForeignDisk, layout: Qcow2Layout): Promise<void> {
  const { l1, refcounts } = layout;
  const clusterBytes = 2 ** layout.clusterBits;
  const clusters = new ClusterMap(disk, clusterBytes);
  clusters.own(0, Math.min(clusterBytes, disk.bytes), "its header");
  clusters.own(refcounts.offset, refcounts.bytes, "its refcount table");
  clusters.own(l1.offset, l1.entries * 8, "its L1 table");
  for await (const table of disk.pieces(refcounts.offset, refcounts.bytes, "its refcount table")) {
    for (let at = 0; at < table.length; at += 8) {
      const offset = table.readUInt32BE(at) * HIGH + table.readUInt32BE(at + 4);
      if (offset !== 0) clusters.own(offset, clusterBytes, "a refcount block");
    }
  }
  const l2 = new L2Tables(disk, layout, clusters);
  let first = 0;
  for await (const table of disk.pieces(l1.offset, l1.entries * 8, "its L1 table")) {
    for (let at = 0; at < table.length; at += 8, first += l2.entries) {
      const high = table.readUInt32BE(at);
      const low = table.readUInt32BE(at + 4);
      const offset = (high & 0xffffff) * HIGH + low;
      if (high === 0 && low === 0) continue;
      disk.require(
        !(high & 0x7f000000) && !(low & 0x1ff),
        "its L1 table",
        "has an entry that isn't understood",
      );
      if (offset !== 0) await l2.inspect(offset, first);
    }
  }
}

class L2Tables {
  readonly entries: number;
  private readonly clusterBytes: number;
  private tables = 0;
  private compressedBytes = 0;

  constructor(
    private readonly disk: ForeignDisk,
    private readonly layout: Qcow2Layout,
    private readonly clusters: ClusterMap,
  ) {
    this.clusterBytes = 2 ** layout.clusterBits;
    this.entries = this.clusterBytes / (layout.hasSubclusters ? 16 : 8);
  }

  /** `first`: the guest's cluster that the first entry is of. */
  async inspect(offset: number, first: number): Promise<void> {
    this.tables++;
    if (this.tables > MAX_TABLES || this.tables * this.clusterBytes > MAX_TABLE_BYTES) {
      throw refusal(say.diskFileHasTooMuch(this.disk.file, "tables"));
    }
    this.clusters.own(offset, this.clusterBytes, "an L2 table");
    const table = await this.disk.read(offset, this.clusterBytes, "an L2 table");
    const step = this.layout.hasSubclusters ? 16 : 8;
    for (let at = 0, guest = first; at < table.length; at += step, guest++) {
      const high = table.readUInt32BE(at);
      const low = table.readUInt32BE(at + 4);
      if (high & 0x40000000) this.compressed(high & 0x3fffffff, low);
      else if (high !== 0 || low !== 0) this.plain(high, low, guest, this.subclusters(table, at));
    }
  }

  /** Subclusters that are held, from the first one on. */
  private subclusters(table: Buffer, at: number): number {
    if (!this.layout.hasSubclusters) return 32;
    const zeros = table.readUInt32BE(at + 8);
    const held = table.readUInt32BE(at + 12);
    this.disk.require((zeros & held) === 0, "an L2 table", "has an entry that contradicts itself");
    return 32 - Math.clz32(held);
  }

  private plain(high: number, low: number, guest: number, subclusters: number): void {
    const offset = (high & 0xffffff) * HIGH + ((low & ~0x1ff) >>> 0);
    const isZero = (low & 1) === 1;
    const reserved = (high & 0x3f000000) !== 0 || (low & (this.layout.hasZeroFlag ? 0x1fe : 0x1ff)) !== 0;
    this.disk.require(!reserved, "an L2 table", "has an entry that isn't understood");
    if (offset === 0) return;
    const left = this.layout.virtualBytes - guest * this.clusterBytes;
    const held = isZero ? 1 : (this.clusterBytes / 32) * subclusters;
    this.clusters.own(offset, Math.max(1, Math.min(held, left)), "a cluster of the disk");
  }

  /** Compressed clusters lie side by side, and end somewhere in their last sector. */
  private compressed(high: number, low: number): void {
    const bits = 62 - (this.layout.clusterBits - 8) - 32;
    const offset = (high & (2 ** bits - 1)) * HIGH + low;
    const sectors = high >>> bits;
    const atLeast = sectors === 0 ? 1 : sectors * SECTOR - (offset % SECTOR) + 1;
    this.clusters.share(offset, atLeast, "a compressed cluster");
    this.compressedBytes += atLeast;
    if (this.compressedBytes > this.disk.bytes) {
      throw refusal(say.diskFilePartsOverlap(this.disk.file, "a compressed cluster", "another"));
    }
  }
}
