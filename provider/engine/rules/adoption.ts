import * as say from "../messages";
import { describe } from "../messages";
import type { Kind, Kinds } from "../model";
import { isKnown } from "../requests";
import type { Maybe } from "../requests";
import type { Violation } from "../violation";
import { existsRule, ownPrivateImageRule } from "./sources";

export interface AdoptionFacts {
  id: string;
  record?: Kinds[Kind];
  /** Who takes over, and where. */
  declaredBy: string;
  region: Maybe<string>;
  account: Maybe<string>;
  /** The account is a member of the image. */
  isMember: boolean;
  /** ID of what the declaration holds and this creation would replace. */
  replaces?: string;
}

/** What stands may be taken over by its own account, from nobody else's declaration. */
export function adoptableRule(kind: Kind, facts: AdoptionFacts): Violation[] {
  const { id, record, region, account, declaredBy } = facts;
  const reached = { property: "adoptId", kind, id, record };
  const violations = existsRule(reached, region);
  if (!record || violations.length > 0) return violations;
  const described = describe(kind, record);
  if (kind === "image") {
    const image = { property: "adoptId", kind, id, record: record as Kinds["image"] };
    const verbs = { verb: "change or delete", done: "taken over" };
    violations.push(...ownPrivateImageRule(image, account, facts.isMember, verbs));
  } else if (record.account !== undefined && isKnown(account) && record.account !== account) {
    violations.push(say.anothers("adoptId", described, record.account, account));
  }
  if ("status" in record && record.status === "creating")
    violations.push(say.notActive("adoptId", described));
  if (facts.replaces === id) violations.push(say.adoptsWhatItReplaces(described));
  else if (record.origin && record.origin.declaredBy !== declaredBy) {
    violations.push(say.heldByAnother(kind, described, record.origin.declaredBy));
  }
  return violations;
}

/** A fact that the program states of what it takes over is one that it has: `found`. */
export function alikeRule(
  property: string,
  described: string,
  found: string | undefined,
  stated: Maybe<string> | undefined,
): Violation[] {
  if (stated === undefined || !isKnown(stated) || stated === found) return [];
  return [say.adoptsUnlike(property, described, found, stated)];
}
