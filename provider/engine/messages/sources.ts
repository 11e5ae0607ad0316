import type { Kind } from "../model";
import { isKnown } from "../requests";
import type { Maybe } from "../requests";
import type { Violation } from "../violation";
import { list, violation, capital } from "./words";

export function noSource(properties: readonly string[], what: string): Violation {
  return violation(
    properties[0] ?? "",
    `${what} needs something to be made from. State ${properties.length > 1 ? "exactly one of " : ""}${list(properties)}.`,
  );
}

export function severalSources(properties: readonly string[], what: string): Violation {
  return violation(
    properties[0] ?? "",
    `${what} is made from one thing only, and ${list(properties)} are all stated. Keep one of them.`,
  );
}

export function notFound(property: string, kind: Kind, id: string, region: Maybe<string>): Violation {
  const where = isKnown(region) ? ` in region ${region}` : "";
  // Where a database shows what is one's own or shared, the rest can't be told from what isn't there.
  const others = kind === "image" ? " Another account's is seen only while it is shared." : "";
  return violation(
    property,
    id === "" ? `The ID of the ${kind} is empty.` : `There is no ${kind} ${id}${where}.`,
    `Check the ID, or refer to the resource that makes the ${kind}.${others}`,
  );
}

export function elsewhere(property: string, what: string, its: string, region: string): Violation {
  return violation(
    property,
    `${capital(what)} is in region ${its}, and this resource is in region ${region}.`,
    `Name one of region ${region}, or set this resource's region to ${its}.`,
  );
}

export function anothers(property: string, what: string, owner: string, account: string): Violation {
  return violation(
    property,
    `${capital(what)} belongs to account ${owner}, and this resource to account ${account}.`,
    `Name one of account ${account}'s own, or set this resource's account to ${owner}.`,
  );
}

export function invisible(property: string, what: string, owner: string, account: string): Violation {
  return violation(
    property,
    `${capital(what)} belongs to account ${owner} and isn't shared with account ${account}.`,
    `Have ${owner} share it (ImageShare with memberId ${account}), and let this resource wait for that by dependsOn, or name another image.`,
  );
}

export function memberMayNot(
  property: string,
  what: string,
  owner: string,
  account: string,
  verb: string,
): Violation {
  return violation(
    property,
    `${capital(what)} belongs to account ${owner} and is only shared with account ${account}, which can't ${verb} it: a member makes instances and volumes from a shared image and nothing else.`,
    `Do this as account ${owner}.`,
  );
}

export function notPrivate(property: string, what: string, verb: string): Violation {
  return violation(
    property,
    `${capital(what)} is offered to every account; only a private image can be ${verb}.`,
    "Make a private image of an instance of it first.",
  );
}

export function notActive(property: string, what: string): Violation {
  return violation(
    property,
    `${capital(what)} is still being made. Wait until it is active, then run again.`,
  );
}
