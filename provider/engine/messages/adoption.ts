import type { Kind } from "../records";
import type { Violation } from "../violation";
import { violation, capital } from "./words";

export function heldByAnother(kind: Kind, what: string, urn: string): Violation {
  return violation(
    "adoptId",
    `${capital(what)} is declared by ${urn} already.`,
    kind === "image"
      ? `Set onDelete: "retain" there and remove it from that program, which lets go of it, or name another.`
      : `Name a ${kind} that no program declares.`,
  );
}

export function adoptsWhatItReplaces(what: string): Violation {
  return violation(
    "adoptId",
    `This resource holds ${what} already, and a change replaces it: the replacement can't take over what is then deleted.`,
    "Remove adoptId to make a new one, or undo the change.",
  );
}

export function adoptsUnlike(property: string, what: string, found: string, stated: string): Violation {
  return violation(
    property,
    `${capital(what)} is taken over as it stands, and its ${property} is ${found}; the program states ${stated}.`,
    `State ${found}, or leave ${property} out.`,
  );
}

export function notAdoptable(what: string, why: string): Violation {
  return violation("adoptId", `${capital(what)} can't be taken over: ${why}.`);
}
