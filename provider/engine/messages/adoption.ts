import type { Kind } from "../model";
import type { Violation } from "../violation";
import { capital, violation, withArticle } from "./words";

export function heldByAnother(kind: Kind, what: string, urn: string): Violation {
  return violation(
    "adoptId",
    `${capital(what)} is declared by ${urn} already.`,
    kind === "image"
      ? `Set onDelete: "retain" there and remove it from that program, which lets go of it, or name another.`
      : `Name ${withArticle(kind)} that no program declares.`,
  );
}

export function adoptsWhatItReplaces(what: string): Violation {
  return violation(
    "adoptId",
    `This resource holds ${what} already, and a change replaces it: the replacement can't take over what is then deleted.`,
    "Remove adoptId to make a new one, or undo the change.",
  );
}

/** `found`: what it has, if it has one. */
export function adoptsUnlike(
  property: string,
  what: string,
  found: string | undefined,
  stated: string,
): Violation {
  return violation(
    property,
    `${capital(what)} is taken over as it stands, ${found === undefined ? `and has no ${property}` : `and its ${property} is ${found}`}; the program states ${stated}.`,
    found === undefined ? `Leave ${property} out.` : `State ${found}, or leave ${property} out.`,
  );
}
