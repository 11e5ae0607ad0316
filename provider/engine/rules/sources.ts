import * as say from "../messages";
import { describe } from "../messages";
import type { Kind } from "../model";
import type { DraftOf } from "../records";
import { isKnown } from "../requests";
import type { Maybe } from "../requests";
import type { Violation } from "../violation";

/**
 * What a reference led to. No record with a known ID: there is none. No record with an unknown ID: the program
 * doesn't show where it comes from, and the rules that need it wait for create.
 */
export interface Reached<K extends Kind> {
  property: string;
  kind: K;
  id: Maybe<string>;
  record?: DraftOf<K>;
}

/** Exactly one of the sources that a kind of resource can be made from. */
export function oneSourceRule(what: string, stated: Record<string, boolean>): Violation[] {
  const given = Object.keys(stated).filter((property) => stated[property]);
  if (given.length === 0) return [say.noSource(Object.keys(stated), what)];
  return given.length > 1 ? [say.severalSources(given, what)] : [];
}

/** It exists, in the region of the resource that refers to it. */
export function existsRule(reached: Reached<Kind>, region: Maybe<string>): Violation[] {
  const { property, kind, id, record } = reached;
  if (!record) return isKnown(id) ? [say.notFound(property, kind, id, region)] : [];
  if (!isKnown(record.region) || !isKnown(region) || record.region === region) return [];
  return [say.elsewhere(property, describe(kind, record), record.region, region)];
}

export function ownedRule(reached: Reached<"instance" | "volume">, account: Maybe<string>): Violation[] {
  const { property, kind, record } = reached;
  if (!record || !isKnown(record.account) || !isKnown(account) || record.account === account) return [];
  return [say.anothers(property, describe(kind, record), record.account, account)];
}

/** An image serves accounts that see it: all of them, its owner, and its members. */
export function visibleRule(
  reached: Reached<"image">,
  account: Maybe<string>,
  isMember: boolean,
): Violation[] {
  const { property, record } = reached;
  if (!record || record.visibility !== "private" || isMember) return [];
  const owner = record.account;
  if (owner === undefined || !isKnown(owner) || !isKnown(account) || owner === account) return [];
  return [say.invisible(property, describe("image", record), owner, account)];
}

/** What an owner alone may do with an image: `verb` "share", `done` "shared". */
export function ownPrivateImageRule(
  reached: Reached<"image">,
  account: Maybe<string>,
  isMember: boolean,
  { verb, done }: { verb: string; done: string },
): Violation[] {
  const { property, record } = reached;
  if (!record || !isKnown(record.visibility)) return [];
  const described = describe("image", record);
  if (record.visibility !== "private") return [say.notPrivate(property, described, done)];
  const owner = record.account;
  if (owner === undefined || !isKnown(owner) || !isKnown(account) || owner === account) return [];
  return [
    isMember
      ? say.memberMayNot(property, described, owner, account, verb)
      : say.anothers(property, described, owner, account),
  ];
}

/** A planned source is made before what is made from it. */
export function activeRule(reached: Reached<Kind>): Violation[] {
  const { property, kind, record } = reached;
  if (!record || !("status" in record) || record.status !== "creating") return [];
  return [say.notActive(property, describe(kind, record))];
}
