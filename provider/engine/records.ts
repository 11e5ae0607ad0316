import type { CatalogReader } from "./catalog/catalog";
import { disksOf } from "./catalog/disk-references";
import type { Kind, Kinds } from "./model";
import type { Maybe } from "./requests";

/** A record of which all but the ID may be unknown yet. Every finished record is one. */
export type Draft<R extends { id: string }> = { [F in keyof R]: F extends "id" ? R[F] : Maybe<R[F]> };
type Drafts = { [K in Kind]: Draft<Kinds[K]> };
export type DraftOf<K extends Kind> = Drafts[K];

/**
 * The questions of rules, answered with drafts: by the plan in check, and by a transaction in create. What an operation
 * gathers through it, the rules judge.
 */
export type FactReader = CatalogReader<Drafts>;

const PLANNED = "planned:";

/** Stands for the ID of what a declaration will make, until it is made. */
export function plannedId(urn: string): string {
  return PLANNED + urn;
}

export function isPlanned(record: { id: string }): boolean {
  return record.id.startsWith(PLANNED);
}

/** IDs of the disk contents that a record names. */
export function contentsOf(kind: Kind, record: Kinds[Kind]): string[] {
  if (!(kind in disksOf)) return [];
  return (disksOf as Record<string, (record: Kinds[Kind]) => string[]>)[kind]!(record);
}
