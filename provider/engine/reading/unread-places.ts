import type { PlacesTaken } from "../catalog/catalog";
import type { ImageRecord } from "../model";

/** Of one account. `taken`: what was counted when the run began; the rest: what of it the run has read. */
interface Places {
  taken?: PlacesTaken;
  images: number;
  /** IDs: a snapshot that several images hold counts once. */
  snapshots: Set<string>;
}

/** Places that are taken, and whose holders the run hasn't read or can't see: they count all the same. */
export class UnreadPlaces {
  private readonly places = new Map<string, Places>();
  private readonly shares = new Map<string, number>();

  /** What was taken when the run began. */
  counted(taken: readonly PlacesTaken[]): void {
    for (const each of taken) this.of(each.region, each.account).taken = each;
  }

  /** An image of the catalogue was read, for the first time: from now on its places are counted by it. */
  read({ region, account, visibility, deviceMappings }: ImageRecord): void {
    if (visibility !== "private" || account === undefined) return;
    const places = this.of(region, account);
    places.images++;
    for (const { kind, id } of deviceMappings) if (kind === "snapshot") places.snapshots.add(id);
  }

  /** So many shares that the member has taken are for others to see. */
  hidden(region: string, memberId: string, shares: number): void {
    this.shares.set(keyOf(region, memberId), shares);
  }

  privateImages(region: string, account: string): number {
    const { taken, images } = this.of(region, account);
    return beyond(taken?.privateImages, images);
  }
  snapshots(region: string, account: string): number {
    const { taken, snapshots } = this.of(region, account);
    return beyond(taken?.snapshots, snapshots.size);
  }
  acceptedShares(region: string, memberId: string): number {
    return this.shares.get(keyOf(region, memberId)) ?? 0;
  }

  private of(region: string, account: string): Places {
    const key = keyOf(region, account);
    const known = this.places.get(key) ?? { images: 0, snapshots: new Set<string>() };
    this.places.set(key, known);
    return known;
  }
}

/** What others have made since may be read too, which wasn't among what was counted. */
function beyond(taken = 0, read: number): number {
  return Math.max(0, taken - read);
}

function keyOf(region: string, account: string): string {
  return `${region}\n${account}`;
}
