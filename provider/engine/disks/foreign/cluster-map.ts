import * as say from "../../messages/disk-files";
import { refusal } from "./foreign-disk";
import type { ForeignDisk } from "./foreign-disk";

/** 128 MiB a map. */
const MAX_CLUSTERS = 2 ** 30;

/** Whose each cluster of a file is, a bit a cluster: every part has its clusters to itself, or shares them knowingly. */
export class ClusterMap {
  private readonly owned: Buffer;
  private shared: Buffer | undefined;

  constructor(
    private readonly disk: ForeignDisk,
    private readonly clusterBytes: number,
  ) {
    const clusters = Math.ceil(disk.bytes / clusterBytes);
    if (clusters > MAX_CLUSTERS) throw refusal(say.diskFileHasTooMuch(disk.file, "clusters"));
    this.owned = Buffer.alloc(Math.ceil(clusters / 8));
  }

  /** Takes the clusters that a part lies in; it begins one. */
  own(offset: number, length: number, part: string): void {
    if (offset % this.clusterBytes !== 0) this.disk.require(false, part, "doesn't begin with a cluster");
    this.disk.requireInside(offset, length, part);
    const end = Math.ceil((offset + length) / this.clusterBytes);
    for (let cluster = offset / this.clusterBytes; cluster < end; cluster++) {
      if (isSet(this.owned, cluster) || (this.shared && isSet(this.shared, cluster))) this.overlap(part);
      set(this.owned, cluster);
    }
  }

  /** Lies in clusters that other parts like it lie in too. */
  share(offset: number, length: number, part: string): void {
    this.disk.requireInside(offset, length, part);
    this.shared ??= Buffer.alloc(this.owned.length);
    const end = Math.ceil((offset + length) / this.clusterBytes);
    for (let cluster = Math.floor(offset / this.clusterBytes); cluster < end; cluster++) {
      if (isSet(this.owned, cluster)) this.overlap(part);
      set(this.shared, cluster);
    }
  }

  private overlap(part: string): never {
    throw refusal(say.diskFilePartsOverlap(this.disk.file, part, "another part of it"));
  }
}

function isSet(bits: Buffer, index: number): boolean {
  return ((bits[index >>> 3]! >>> (index & 7)) & 1) === 1;
}

function set(bits: Buffer, index: number): void {
  bits[index >>> 3]! |= 1 << (index & 7);
}
