import type { CatalogReader } from "./catalog/catalog";
import { disksOf } from "./catalog/disk-references";
import type { Kind, Kinds } from "./model";
import type { Maybe } from "./requests";

/** A record of which all but the ID may be unknown yet. Every finished record is one. */
export type Draft<R extends { id: string }> = { [F in keyof R]: F extends "id" ? R[F] : Maybe<R[F]> };
export type DraftOf<K extends Kind> = Draft<Kinds[K]>;

/**
 * The questions of `CatalogReader`, answered with drafts: by the plan in check, and by a transaction in create.
 * What an operation gathers through it, the rules judge.
 */
export type FactReader = {
  [Question in keyof CatalogReader]: (
    ...args: Parameters<CatalogReader[Question]>
  ) => Promise<Drafted<Awaited<ReturnType<CatalogReader[Question]>>>>;
};
type Drafted<Answer> = Answer extends readonly (infer R extends { id: string })[]
  ? readonly Draft<R>[]
  : Answer extends { id: string }
    ? Draft<Answer>
    : Answer;

const PLANNED = "planned:";

/** Stands for the ID of what a declaration will make, until it is made. */
export function plannedId(urn: string): string {
  return PLANNED + urn;
}

export function isPlanned(record: { id: string }): boolean {
  return record.id.startsWith(PLANNED);
}

export function get<K extends Kind>(
  reader: CatalogReader,
  kind: K,
  id: string,
): Promise<Kinds[K] | undefined>;
export function get<K extends Kind>(reader: FactReader, kind: K, id: string): Promise<DraftOf<K> | undefined>;
export function get(reader: FactReader, kind: Kind, id: string): Promise<unknown> {
  return reader[kind](id);
}

export function declaredBy<K extends Kind>(
  reader: FactReader,
  kind: K,
  urn: string,
): Promise<readonly DraftOf<K>[]>;
export function declaredBy(reader: FactReader, kind: Kind, urn: string): Promise<readonly unknown[]> {
  switch (kind) {
    case "image":
      return reader.imagesDeclaredBy(urn);
    case "instance":
      return reader.instancesDeclaredBy(urn);
    case "volume":
      return reader.volumesDeclaredBy(urn);
    case "share":
      return reader.sharesDeclaredBy(urn);
    case "export":
      return reader.exportsDeclaredBy(urn);
  }
}

/** IDs of the disk contents that a record names. */
export function contentsOf(kind: Kind, record: Kinds[Kind]): string[] {
  if (!(kind in disksOf)) return [];
  return (disksOf as Record<string, (record: Kinds[Kind]) => string[]>)[kind]!(record);
}
