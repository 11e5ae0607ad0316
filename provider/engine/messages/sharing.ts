import type { DraftOf } from "../records";
import { isKnown } from "../requests";
import type { Violation } from "../violation";
import { label, violation, capital } from "./words";

export function sharedWithOwner(account: string): Violation {
  return violation("memberId", `The image belongs to account ${account} itself. Name another account.`);
}

export function cantBeShared(image: string, why: string): Violation {
  return violation("imageId", `${capital(image)} can't be shared: ${why}. Share another image.`);
}

export function sharedAlready(
  image: string,
  member: string,
  share: DraftOf<"share">,
  replacing: boolean,
): Violation {
  const origin = share.origin && isKnown(share.origin) ? share.origin : undefined;
  return violation(
    "memberId",
    `${capital(image)} is shared with account ${member} already, by ${label(share)}${origin ? `, declared as ${origin.declaredBy}` : ""}.`,
    replacing
      ? "Set deleteBeforeReplace: true on this resource, so that the old share goes before the new one comes."
      : "Remove one of the two declarations, or, where this run changes or removes the other, run twice.",
  );
}
