import type { DraftOf } from "../records";
import type { Violation } from "../violation";
import { label, list, plural, violation, capital } from "./words";

export function blockedByMembers(image: string, members: readonly string[]): Violation {
  return violation(
    "",
    `${capital(image)} is shared with ${plural(members.length, "account")}: ${list(members)}.`,
    `Cancel the shares first, or set onDelete: "unshare" (cancels them with it) or "retain" (leaves the image standing) and run up before the deletion.`,
  );
}

export function replacedWhileShared(image: string, members: readonly string[]): Violation {
  return violation(
    "",
    `The change replaces ${image}, which couldn't be deleted then: it is shared with ${plural(members.length, "account")} by other stacks: ${list(members)}.`,
    `Undo the change, cancel those shares first, or set onDelete: "unshare" (cancels them with it) or "retain" (leaves the old image standing) and run up before this change.`,
  );
}

export function blockedByConversion(image: string, conversions: readonly DraftOf<"image">[]): Violation {
  return violation(
    "",
    `${capital(image)} is being converted, to ${list(conversions.map(label))}. Wait until that is done, then run again.`,
  );
}

export function blockedByFullImage(instance: string, images: readonly DraftOf<"image">[]): Violation {
  return violation(
    "",
    `${capital(instance)} is being frozen for a full image, ${list(images.map(label))}. Wait until that is done, then run again.`,
  );
}

export function notYoursToChange(what: string, owner: string, account: string, verb: string): Violation {
  return violation(
    "",
    `${capital(what)} belongs to account ${owner}; account ${account} can't ${verb} it.`,
    `Do this as account ${owner}.`,
  );
}

export function takenOver(what: string, urn: string): Violation {
  return violation(
    "",
    `${capital(what)} was taken over by ${urn} and is no longer this resource's.`,
    "Remove this resource from the program, which leaves it standing, or undo the change.",
  );
}

export function gone(what: string): Violation {
  return violation(
    "",
    `${what} is gone, or another resource has taken it over: it can't be changed. Run refresh, then up again.`,
  );
}
