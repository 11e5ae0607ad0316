import type { CatalogSnapshot } from "./catalog/catalog";
import type { Kind } from "./model";
import type { DraftOf, FactReader } from "./records";
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

/**
 * Records of the whole region, indexed for every question of a rule and counted as they come and go: no question
 * looks through all records. A record put again is the last of its groups. One that was refused is found by its ID and
 * its declaration, and counts nowhere.
 */
export class RecordIndex implements FactReader {
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
  /** Per member, how many shares it has taken that aren't shown. */
  private readonly hiddenShares = new Map<string, number>();
  private readonly exportsOfImage = new Group();
  private readonly exportsToBucket = new Group();
  /** IDs of drafts that hold no places. */
  private readonly refused = new Set<string>();
  /** Per account, how many of its images hold each snapshot. */
  private readonly snapshots = new Map<string, Map<string, number>>();

  /** Every record put is fully known where it comes from a snapshot. */
  static of(snapshot: CatalogSnapshot): RecordIndex {
    const index = new RecordIndex();
    const inOrder = <R extends { sequence: number }>(records: readonly R[]) =>
      [...records].sort((a, b) => a.sequence - b.sequence);
    for (const record of inOrder(snapshot.images)) index.put("image", record);
    for (const record of inOrder(snapshot.instances)) index.put("instance", record);
    for (const record of inOrder(snapshot.volumes)) index.put("volume", record);
    for (const record of inOrder(snapshot.shares)) index.put("share", record);
    for (const record of inOrder(snapshot.exports)) index.put("export", record);
    for (const { region, memberId, count } of snapshot.hiddenShares ?? []) {
      index.hiddenShares.set(scopeKey(region, memberId), count);
    }
    return index;
  }

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

  async image(id: string) {
    return this.tables.image.get(id);
  }
  async instance(id: string) {
    return this.tables.instance.get(id);
  }
  async volume(id: string) {
    return this.tables.volume.get(id);
  }
  async share(id: string) {
    return this.tables.share.get(id);
  }
  async export(id: string) {
    return this.tables.export.get(id);
  }
  async privateImages(region: string, account: string) {
    return this.listed("image", this.imagesOfAccount.list(scopeKey(region, account)));
  }
  async privateImageCount(region: string, account: string) {
    return this.imagesOfAccount.count(scopeKey(region, account));
  }
  async snapshotCount(region: string, account: string) {
    return this.snapshots.get(scopeKey(region, account))?.size ?? 0;
  }
  async sharesOfImage(imageId: string) {
    return this.sharesOf(imageId);
  }
  async sharesWith(region: string, memberId: string) {
    return this.listed("share", this.sharesOfMember.list(scopeKey(region, memberId)));
  }
  async acceptedShareCount(region: string, memberId: string) {
    const member = scopeKey(region, memberId);
    return this.sharesOfMember.count(member) + (this.hiddenShares.get(member) ?? 0);
  }
  async runningConversions(imageId: string) {
    return this.madeOf(imageId).filter(
      ({ status, source }) => status === "creating" && isKnown(source) && source?.conversion,
    );
  }
  async runningFullImages(instanceId: string) {
    return this.madeOf(instanceId).filter(
      ({ status, imageType }) => status === "creating" && imageType === "full",
    );
  }
  async runningExports(imageId: string) {
    return this.exportsOf(imageId).filter(({ status }) => status === "creating");
  }
  async exportsTo(bucketUrl: string) {
    return this.listed("export", this.exportsToBucket.list(bucketUrl));
  }
  async imagesDeclaredBy(urn: string) {
    return this.declaredBy("image", urn);
  }
  async instancesDeclaredBy(urn: string) {
    return this.declaredBy("instance", urn);
  }
  async volumesDeclaredBy(urn: string) {
    return this.declaredBy("volume", urn);
  }
  async sharesDeclaredBy(urn: string) {
    return this.declaredBy("share", urn);
  }
  async exportsDeclaredBy(urn: string) {
    return this.declaredBy("export", urn);
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
