import type { Kind } from "./model";
import type { DraftOf } from "./records";
import { isKnown } from "./requests";

/** IDs under a key, in the order of their adding. Most keys have one: it stands alone, without a set. */
class Group {
  private readonly byKey = new Map<string, string | Set<string>>();

  add(key: string, id: string): void {
    const ids = this.byKey.get(key);
    if (ids === undefined) this.byKey.set(key, id);
    else if (typeof ids !== "string") ids.add(id);
    else if (ids !== id) this.byKey.set(key, new Set([ids, id]));
  }
  remove(key: string, id: string): void {
    const ids = this.byKey.get(key);
    if (ids === id || (typeof ids === "object" && ids.delete(id) && ids.size === 0)) this.byKey.delete(key);
  }
  list(key: string): readonly string[] {
    const ids = this.byKey.get(key);
    if (ids === undefined) return NONE;
    return typeof ids === "string" ? [ids] : [...ids];
  }
  count(key: string): number {
    const ids = this.byKey.get(key);
    if (ids === undefined) return 0;
    return typeof ids === "string" ? 1 : ids.size;
  }
}

const NONE: readonly string[] = [];

/** Places that are taken by records which an index doesn't have. */
export interface OtherPlaces {
  privateImages(region: string, account: string): number;
  snapshots(region: string, account: string): number;
  acceptedShares(region: string, memberId: string): number;
}

/**
 * Records that a run knows, indexed for every question of a rule and counted as they come and go, together with the
 * places of those that it doesn't know: no question looks through all records. A record put again is the last of its
 * groups. One that was refused is found by its ID and its declaration, and counts nowhere.
 */
export class RecordIndex {
  private readonly tables: { [K in Kind]: Map<string, DraftOf<K>> } = {
    image: new Map(),
    instance: new Map(),
    volume: new Map(),
    share: new Map(),
    export: new Map(),
  };
  private readonly declared = groupPerKind();
  private readonly tokens = groupPerKind();
  private readonly imagesOfAccount = new Group();
  private readonly imagesMadeOf = new Group();
  private readonly volumesMadeOf = new Group();
  private readonly membersOfImage = new Group();
  private readonly sharesOfMember = new Group();
  private readonly exportsOfImage = new Group();
  private readonly exportsToBucket = new Group();
  /** IDs of drafts that hold no places. */
  private readonly refused = new Set<string>();
  /** Per account, how many of its images hold each snapshot. */
  private readonly snapshots = new Map<string, Map<string, number>>();

  constructor(private readonly others: OtherPlaces) {}

  put<K extends Kind>(kind: K, record: DraftOf<K>, { refused = false } = {}): void {
    this.delete(kind, record.id);
    const table: Map<string, DraftOf<K>> = this.tables[kind];
    table.set(record.id, record);
    if (refused) this.refused.add(record.id);
    this.link(kind, record as DraftOf<Kind>, "add");
  }

  delete(kind: Kind, id: string): void {
    const record = this.find(kind, id);
    if (!record) return;
    this.tables[kind].delete(id);
    this.link(kind, record, "remove");
    this.refused.delete(id);
  }

  find<K extends Kind>(kind: K, id: string): DraftOf<K> | undefined {
    const table: Map<string, DraftOf<K>> = this.tables[kind];
    return table.get(id);
  }

  withToken<K extends Kind>(kind: K, creationToken: string): DraftOf<K> | undefined {
    return this.listed(kind, this.tokens[kind].list(creationToken)).at(-1);
  }

  declaredBy<K extends Kind>(kind: K, urn: string): DraftOf<K>[] {
    return this.listed(kind, this.declared[kind].list(urn));
  }

  /** Images made of an instance, a volume, a file or another image. */
  madeOf(sourceId: string): DraftOf<"image">[] {
    return this.listed("image", this.imagesMadeOf.list(sourceId));
  }

  volumesOf(imageId: string): DraftOf<"volume">[] {
    return this.listed("volume", this.volumesMadeOf.list(imageId));
  }

  sharesOf(imageId: string): DraftOf<"share">[] {
    return this.listed("share", this.membersOfImage.list(imageId));
  }

  exportsOf(imageId: string): DraftOf<"export">[] {
    return this.listed("export", this.exportsOfImage.list(imageId));
  }

  all<K extends Kind>(kind: K): Iterable<DraftOf<K>> {
    const table: Map<string, DraftOf<K>> = this.tables[kind];
    return table.values();
  }

  privateImages(region: string, account: string): DraftOf<"image">[] {
    return this.listed("image", this.imagesOfAccount.list(scopeKey(region, account)));
  }
  privateImageCount(region: string, account: string): number {
    return this.imagesOfAccount.count(scopeKey(region, account)) + this.others.privateImages(region, account);
  }
  snapshotCount(region: string, account: string): number {
    const known = this.snapshots.get(scopeKey(region, account))?.size ?? 0;
    return known + this.others.snapshots(region, account);
  }
  sharesWith(region: string, memberId: string): DraftOf<"share">[] {
    return this.listed("share", this.sharesOfMember.list(scopeKey(region, memberId)));
  }
  acceptedShareCount(region: string, memberId: string): number {
    const known = this.sharesOfMember.count(scopeKey(region, memberId));
    return known + this.others.acceptedShares(region, memberId);
  }
  runningConversions(imageId: string): DraftOf<"image">[] {
    return this.madeOf(imageId).filter(
      ({ status, source }) => status === "creating" && isKnown(source) && source?.conversion,
    );
  }
  runningFullImages(instanceId: string): DraftOf<"image">[] {
    return this.madeOf(instanceId).filter(
      ({ status, imageType }) => status === "creating" && imageType === "full",
    );
  }
  runningExports(imageId: string): DraftOf<"export">[] {
    return this.exportsOf(imageId).filter(({ status }) => status === "creating");
  }
  exportsTo(bucketUrl: string): DraftOf<"export">[] {
    return this.listed("export", this.exportsToBucket.list(bucketUrl));
  }

  private listed<K extends Kind>(kind: K, ids: readonly string[]): DraftOf<K>[] {
    return ids.flatMap((id) => this.find(kind, id) ?? []);
  }

  private link(kind: Kind, record: DraftOf<Kind>, change: "add" | "remove"): void {
    const { id, origin } = record;
    if (origin && isKnown(origin)) {
      this.declared[kind][change](origin.declaredBy, id);
      this.tokens[kind][change](origin.creationToken, id);
    }
    if (this.refused.has(id)) return;
    if (kind === "image") this.linkImage(record as DraftOf<"image">, change);
    if (kind === "volume") this.linkVolume(record as DraftOf<"volume">, change);
    if (kind === "share") this.linkShare(record as DraftOf<"share">, change);
    if (kind === "export") this.linkExport(record as DraftOf<"export">, change);
  }

  private linkImage(image: DraftOf<"image">, change: "add" | "remove"): void {
    const { id, visibility, region, account, source } = image;
    if (source && isKnown(source)) this.imagesMadeOf[change](source.id, id);
    if (visibility !== "private" || !isKnown(region) || !isKnown(account) || account === undefined) return;
    const scope = scopeKey(region, account);
    this.imagesOfAccount[change](scope, id);
    this.countSnapshots(scope, image, change === "add" ? 1 : -1);
  }

  private linkVolume({ id, source }: DraftOf<"volume">, change: "add" | "remove"): void {
    if (source && isKnown(source)) this.volumesMadeOf[change](source.id, id);
  }

  private linkShare({ id, imageId, region, memberId }: DraftOf<"share">, change: "add" | "remove"): void {
    if (isKnown(imageId)) this.membersOfImage[change](imageId, id);
    if (isKnown(region) && isKnown(memberId)) this.sharesOfMember[change](scopeKey(region, memberId), id);
  }

  private linkExport({ id, imageId, bucketUrl }: DraftOf<"export">, change: "add" | "remove"): void {
    if (isKnown(imageId)) this.exportsOfImage[change](imageId, id);
    if (isKnown(bucketUrl)) this.exportsToBucket[change](bucketUrl, id);
  }

  private countSnapshots(scope: string, { deviceMappings }: DraftOf<"image">, step: 1 | -1): void {
    if (!isKnown(deviceMappings)) return;
    const counts = this.snapshots.get(scope) ?? new Map<string, number>();
    this.snapshots.set(scope, counts);
    for (const { kind, id } of deviceMappings) {
      if (kind !== "snapshot") continue;
      const count = (counts.get(id) ?? 0) + step;
      if (count > 0) counts.set(id, count);
      else counts.delete(id);
    }
  }
}

function groupPerKind(): { [K in Kind]: Group } {
  return {
    image: new Group(),
    instance: new Group(),
    volume: new Group(),
    share: new Group(),
    export: new Group(),
  };
}

function scopeKey(region: string, account: string): string {
  return `${region}\n${account}`;
}
