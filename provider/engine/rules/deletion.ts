import * as say from "../messages";
import { describe } from "../messages";
import type { Kind, Kinds, OnDelete } from "../model";
import type { DraftOf } from "../records";
import { isKnown } from "../requests";
import type { Violation } from "../violation";

/** What stands in the way of deleting an image: all of it. */
export function deletableRule(
  image: DraftOf<"image">,
  shares: readonly DraftOf<"share">[],
  running: { conversions: readonly DraftOf<"image">[]; exports: readonly DraftOf<"export">[] },
  onDelete: OnDelete,
): Violation[] {
  const violations: Violation[] = [];
  const described = describe("image", image);
  if (shares.length > 0 && onDelete !== "unshare") {
    violations.push(say.blockedByMembers(described, membersOf(shares)));
  }
  const { conversions, exports } = running;
  if (conversions.length > 0) violations.push(say.blockedByConversion(described, conversions));
  if (exports.length > 0) violations.push(say.blockedByExport(described, exports));
  return violations;
}

/** An image that is replaced is deleted. `others`: shares of it that stay; `onDelete`: as the state has it. */
export function replaceableRule(
  image: DraftOf<"image">,
  others: readonly DraftOf<"share">[],
  onDelete: OnDelete,
): Violation[] {
  if (others.length === 0 || onDelete !== "refuse") return [];
  return [say.replacedWhileShared(describe("image", image), membersOf(others))];
}

function membersOf(shares: readonly DraftOf<"share">[]): string[] {
  return shares.flatMap(({ memberId }) => (isKnown(memberId) ? [memberId] : []));
}

/** What is being made is its maker's until it is done. */
export function finishedRule(kind: Kind, record: Kinds[Kind]): Violation[] {
  return "status" in record && record.status === "creating"
    ? [say.notActive("", describe(kind, record))]
    : [];
}

/** While the disks of an instance are being frozen for a full image, they stay what they are. */
export function notBeingFrozenRule(
  instance: DraftOf<"instance">,
  running: readonly DraftOf<"image">[],
  property = "",
): Violation[] {
  if (running.length === 0) return [];
  return [{ ...say.blockedByFullImage(describe("instance", instance), running), property }];
}

/** Only its owner changes or deletes a thing; nobody what is offered to all. `account`: who does it, where that is said. */
export function ownerRule(
  kind: Kind,
  record: DraftOf<Kind>,
  account: string | undefined,
  verb: "change" | "delete",
): Violation[] {
  if ("visibility" in record && record.visibility !== "private") {
    return [say.notPrivate("", describe(kind, record), `${verb}d`)];
  }
  const owner = record.account;
  if (account === undefined || owner === undefined || !isKnown(owner) || owner === account) return [];
  return [say.notYoursToChange(describe(kind, record), owner, account, verb)];
}

/** What another declaration has taken over is that one's to change. `creationToken`: of the state that asks. */
export function holderRule(kind: Kind, record: Kinds[Kind], creationToken: string): Violation[] {
  const { origin } = record;
  if (!origin || origin.creationToken === creationToken) return [];
  return [say.takenOver(describe(kind, record), origin.declaredBy)];
}
