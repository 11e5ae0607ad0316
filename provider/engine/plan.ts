import type { Catalog, CatalogReader, CatalogSnapshot } from "./catalog/catalog";
import { ofEachKind } from "./catalog/of-each-kind";
import { FactsOnDemand } from "./reading/facts-on-demand";
import { Reading } from "./reading/reading";
import { UnreadPlaces } from "./reading/unread-places";
import { RecordIndex } from "./record-index";
import { isPlanned, plannedId } from "./records";
import type { Kind, Kinds, OnDelete } from "./model";
import type { DraftOf, FactReader } from "./records";
import { isKnown, stackOf } from "./requests";
import type { Declaration } from "./requests";

/**
 * What one run found and what it intends. `present` is the catalogue as the run knows it; `intended` is what stands
 * when every creation of the run is done and no deletion yet, as Pulumi orders them. Both have what the run has read so
 * far, which lays its own doings over what it reads later. Keys are declarations (URNs): a second check of the same
 * resource doesn't count twice.
 */
export class Plan {
  /** Answers the rules' questions about what is intended. */
  readonly facts: FactReader;
  /** And about what the catalogue holds. */
  readonly presentFacts: CatalogReader;
  private readonly reading: Reading;
  private readonly unread = new UnreadPlaces();
  private readonly present = new RecordIndex(this.unread);
  private readonly intended = new RecordIndex(this.unread);
  /** Creation tokens found in the state, or made by this run: what bears one is no cut-off creation. */
  private readonly tokens = new Set<string>();
  private readonly made = new Set<string>();
  /** IDs of what this run makes, or has removed: the catalogue has nothing to say of these. */
  private readonly ours = new Set<string>();
  private readonly standingIds = new Map<string, string>();
  private readonly intendedIds = new Map<string, string>();
  /** By declaration, how the state settles the deletion of what it holds. */
  private readonly onDelete = new Map<string, OnDelete>();
  private readonly givenBack = new Set<string>();

  constructor(catalog: Catalog) {
    this.reading = new Reading(catalog, {
      knows: (kind, id) => this.ours.has(id) || this.present.find(kind, id) !== undefined,
      learn: (kind, record) => this.learn(kind, record),
      counted: (taken) => this.unread.counted(taken),
      hiddenShares: (region, memberId, count) => this.unread.hidden(region, memberId, count),
    });
    this.facts = new FactsOnDemand(this.intended, this.reading);
    // `present` is filled from the catalogue alone, whose records are whole.
    this.presentFacts = new FactsOnDemand(this.present, this.reading) as FactReader as CatalogReader;
  }

  /** Before anything is asked or written; `declaredBy`: and before what that resource's stack has declared is. */
  async begin(declaredBy?: string): Promise<void> {
    const places = this.reading.places();
    await (declaredBy === undefined ? places : Promise.all([places, this.reading.stack(declaredBy)]));
  }

  /** Reads what is going to be asked for, together with what others foresee. */
  foresee(kind: Kind, id: string): void {
    this.reading.foresee(kind, id);
  }

  /** To be awaited before the catalogue is closed. */
  settled(): Promise<void> {
    return this.reading.settled();
  }

  /** What the catalogue holds, where the run has read it. */
  find<K extends Kind>(kind: K, id: string): Kinds[K] | undefined {
    return this.present.find(kind, id) as Kinds[K] | undefined;
  }

  async read<K extends Kind>(kind: K, id: string): Promise<Kinds[K] | undefined> {
    await this.reading.record(kind, id);
    return this.find(kind, id);
  }

  /** All records of the catalogue: what takes the longer the more there are. */
  async everything(): Promise<CatalogSnapshot> {
    await this.reading.everything();
    return ofEachKind((kind) => [...this.present.all(kind)] as Kinds[typeof kind][]);
  }

  /** The record that the state knows by the declaration's old token. */
  async recognise<K extends Kind>(
    kind: K,
    { declaredBy, oldToken, oldOnDelete }: Declaration,
  ): Promise<Kinds[K] | undefined> {
    if (oldToken === undefined) return undefined;
    this.tokens.add(oldToken);
    // Of another stack where that or its project was renamed.
    if (!this.present.withToken(kind, oldToken)) await this.reading.withToken(kind, oldToken);
    const record = this.present.withToken(kind, oldToken) as Kinds[K] | undefined;
    if (!record) return undefined;
    this.standingIds.set(declaredBy, record.id);
    if (oldOnDelete !== undefined) this.onDelete.set(declaredBy, oldOnDelete);
    // What Pulumi has deleted it asks for without old inputs: this one stays after all.
    if (this.givenBack.delete(record.id)) this.restore(kind, record.id);
    return record;
  }

  /** What a recognised record will be once this run has updated it. */
  change<K extends Kind>(kind: K, urn: string, draft: DraftOf<K>): void {
    this.intended.put(kind, draft);
    this.intendedIds.set(urn, draft.id);
  }

  /**
   * Takes back what an earlier check of the same declaration intended. Where that was the first half of a
   * replacement, and what is replaced will be gone before, its places are given back too.
   */
  async withdraw(kind: Kind, declaration: Declaration): Promise<void> {
    const urn = declaration.declaredBy;
    const earlier = this.intendedIds.get(urn);
    if (earlier !== undefined) this.restore(kind, earlier);
    this.intendedIds.delete(urn);
    const standing = this.standingIds.get(urn);
    if (standing === undefined) return;
    if (declaration.deleteBeforeReplace || this.hangsOnGivenBack(kind, standing)) {
      await this.giveBack(kind, standing, stackOf(urn));
    }
  }

  /**
   * A creation, or the taking over of a record that stands. One that is `refused` takes no places, and is what later
   * declarations refer to all the same; what stands stays as it is.
   */
  intend<K extends Kind>(kind: K, urn: string, draft: DraftOf<K>, { refused = false } = {}): void {
    if (refused && !isPlanned(draft)) return;
    this.intended.put(kind, draft, { refused });
    this.intendedIds.set(urn, draft.id);
  }

  /** ID of what the declaration holds and a new creation of it would replace. */
  replacedBy(urn: string): string | undefined {
    return this.standingIds.get(urn);
  }

  onDeleteOf(urn: string): OnDelete {
    return this.onDelete.get(urn) ?? "refuse";
  }

  isGivenBack(id: string): boolean {
    return this.givenBack.has(id);
  }

  /** True for a token of the state or of this run. */
  isTaken(creationToken: string): boolean {
    return this.tokens.has(creationToken);
  }

  isMadeHere(record: { origin?: Kinds[Kind]["origin"] | symbol }): boolean {
    return typeof record.origin === "object" && this.made.has(record.origin.creationToken);
  }

  /** To be told before a record of this ID is inserted. */
  placing(id: string): void {
    this.ours.add(id);
  }

  /** The record has its place in the catalogue. Called again when it is finished. */
  created<K extends Kind>(kind: K, urn: string, record: Kinds[K]): void {
    this.intended.delete(kind, plannedId(urn));
    this.intendedIds.delete(urn);
    this.changed(kind, record);
    if (!record.origin) return;
    this.tokens.add(record.origin.creationToken);
    this.made.add(record.origin.creationToken);
  }

  /** A creation that left nothing behind. */
  failed(kind: Kind, urn: string, id: string): void {
    const intended = this.intendedIds.get(urn);
    if (intended !== undefined) this.restore(kind, intended);
    this.intendedIds.delete(urn);
    this.gone(kind, id);
  }

  changed<K extends Kind>(kind: K, record: Kinds[K]): void {
    this.learn(kind, record);
    this.present.put(kind, record as DraftOf<K>);
    this.intended.put(kind, record as DraftOf<K>);
  }

  /** An update that didn't happen. */
  unchanged(kind: Kind, id: string): void {
    this.restore(kind, id);
  }

  removed<K extends Kind>(kind: K, record: Kinds[K]): void {
    this.learn(kind, record);
    this.gone(kind, record.id);
  }

  /** There is no record of this ID any more. */
  gone(kind: Kind, id: string): void {
    this.ours.add(id);
    this.present.delete(kind, id);
    this.intended.delete(kind, id);
    this.givenBack.delete(id);
  }

  /** What the run knows of a record already is newer than what was read. */
  private learn<K extends Kind>(kind: K, record: Kinds[K]): void {
    if (this.ours.has(record.id) || this.present.find(kind, record.id)) return;
    if (kind === "image") this.unread.read(record as Kinds["image"]);
    this.present.put(kind, record as DraftOf<K>);
    this.intended.put(kind, record as DraftOf<K>);
  }

  /**
   * With what it deletes before its replacement, Pulumi deletes what depends on it in the same stack and is replaced
   * for it: images of an instance or volume, and what is made of an image, but instances: those are rebuilt instead.
   */
  private async giveBack(kind: Kind, id: string, stack: string): Promise<void> {
    const record = this.present.find(kind, id);
    if (!record || this.givenBack.has(id)) return;
    const origin = record.origin && isKnown(record.origin) ? record.origin : undefined;
    if (!origin || stackOf(origin.declaredBy) !== stack) return;
    this.givenBack.add(id);
    if (kind === "image") await this.readHolders(record as DraftOf<"image">);
    this.intended.delete(kind, id);
    for (const image of this.present.madeOf(id)) await this.giveBack("image", image.id, stack);
    for (const volume of this.present.volumesOf(id)) await this.giveBack("volume", volume.id, stack);
    for (const share of this.present.sharesOf(id)) await this.giveBack("share", share.id, stack);
    for (const each of this.present.exportsOf(id)) await this.giveBack("export", each.id, stack);
  }

  /** Snapshots of data disks stay taken where a conversion holds them too. */
  private async readHolders({ deviceMappings }: DraftOf<"image">): Promise<void> {
    const shared = isKnown(deviceMappings) ? deviceMappings.slice(1) : [];
    await Promise.all(shared.map(({ id }) => this.reading.holdersOf(id)));
  }

  private hangsOnGivenBack(kind: Kind, id: string): boolean {
    const image = kind === "image" ? this.find("image", id) : undefined;
    const volume = kind === "volume" ? this.find("volume", id) : undefined;
    const share = kind === "share" ? this.find("share", id) : undefined;
    const exported = kind === "export" ? this.find("export", id) : undefined;
    const source = image?.source?.id ?? volume?.source?.id ?? share?.imageId ?? exported?.imageId;
    return source !== undefined && this.givenBack.has(source);
  }

  private restore<K extends Kind>(kind: K, id: string): void {
    this.intended.delete(kind, id);
    const present = isPlanned({ id }) || this.givenBack.has(id) ? undefined : this.present.find(kind, id);
    if (present) this.intended.put(kind, present);
  }
}
