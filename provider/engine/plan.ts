import type { Catalog } from "./catalog/catalog";
import { RecordIndex } from "./record-index";
import { isPlanned, plannedId } from "./records";
import type { Kind, Kinds, OnDelete } from "./model";
import type { DraftOf, FactReader } from "./records";
import { isKnown } from "./requests";
import type { Declaration } from "./requests";

/**
 * What one run found and what it intends. `present` is the catalogue as the run knows it; `intended` is what stands
 * when every creation of the run is done and no deletion yet, as Pulumi orders them. Keys are declarations (URNs):
 * a second check of the same resource doesn't count twice.
 */
export class Plan {
  private readonly present: RecordIndex;
  private readonly intended: RecordIndex;
  /** Creation tokens found in the state, or made by this run: what bears one is no cut-off creation. */
  private readonly tokens = new Set<string>();
  private readonly made = new Set<string>();
  private readonly standingIds = new Map<string, string>();
  private readonly intendedIds = new Map<string, string>();
  /** By declaration, how the state settles the deletion of what it holds. */
  private readonly onDelete = new Map<string, OnDelete>();
  private readonly givenBack = new Set<string>();

  constructor(snapshot: Awaited<ReturnType<Catalog["snapshot"]>>) {
    this.present = RecordIndex.of(snapshot);
    this.intended = RecordIndex.of(snapshot);
  }

  /** Answers the rules' questions about what is intended. */
  get facts(): FactReader {
    return this.intended;
  }

  /** What the catalogue holds. */
  find<K extends Kind>(kind: K, id: string): Kinds[K] | undefined {
    // `present` is filled from the catalogue alone, whose records are whole.
    return this.present.find(kind, id) as Kinds[K] | undefined;
  }

  all<K extends Kind>(kind: K): Iterable<Kinds[K]> {
    return this.present.all(kind) as Iterable<Kinds[K]>;
  }

  get presentFacts(): FactReader {
    return this.present;
  }

  /** The record that the state knows by the declaration's old token. */
  recognise<K extends Kind>(
    kind: K,
    { declaredBy, oldToken, oldOnDelete }: Declaration,
  ): Kinds[K] | undefined {
    if (oldToken === undefined) return undefined;
    this.tokens.add(oldToken);
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
  withdraw(kind: Kind, declaration: Declaration): void {
    const urn = declaration.declaredBy;
    const earlier = this.intendedIds.get(urn);
    if (earlier !== undefined) this.restore(kind, earlier);
    this.intendedIds.delete(urn);
    const standing = this.standingIds.get(urn);
    if (standing === undefined) return;
    if (declaration.deleteBeforeReplace || this.hangsOnGivenBack(kind, standing)) {
      this.giveBack(kind, standing, stackOf(urn));
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
    this.removed(kind, id);
  }

  changed<K extends Kind>(kind: K, record: Kinds[K]): void {
    this.present.put(kind, record as DraftOf<K>);
    this.intended.put(kind, record as DraftOf<K>);
  }

  /** An update that didn't happen. */
  unchanged(kind: Kind, id: string): void {
    this.restore(kind, id);
  }

  removed(kind: Kind, id: string): void {
    this.present.delete(kind, id);
    this.intended.delete(kind, id);
    this.givenBack.delete(id);
  }

  /**
   * With what it deletes before its replacement, Pulumi deletes what depends on it in the same stack and is replaced
   * for it: images of an instance or volume, and what is made of an image, but instances: those are rebuilt instead.
   */
  private giveBack(kind: Kind, id: string, stack: string): void {
    const record = this.present.find(kind, id);
    if (!record || this.givenBack.has(id)) return;
    const origin = record.origin && isKnown(record.origin) ? record.origin : undefined;
    if (!origin || stackOf(origin.declaredBy) !== stack) return;
    this.givenBack.add(id);
    this.intended.delete(kind, id);
    for (const image of this.present.madeOf(id)) this.giveBack("image", image.id, stack);
    for (const volume of this.present.volumesOf(id)) this.giveBack("volume", volume.id, stack);
    for (const share of this.present.sharesOf(id)) this.giveBack("share", share.id, stack);
    for (const each of this.present.exportsOf(id)) this.giveBack("export", each.id, stack);
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

/** `urn:pulumi:STACK::PROJECT` of a URN. */
export function stackOf(urn: string): string {
  return urn.split("::", 2).join("::");
}
