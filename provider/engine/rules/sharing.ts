import * as say from "../messages";
import { describe } from "../messages";
import type { DraftOf } from "../records";
import { isKnown } from "../requests";
import type { Maybe } from "../requests";
import type { Violation } from "../violation";

/** Kinds of image that can't leave their account. */
export function shareableRule(image: DraftOf<"image">): Violation[] {
  const violations: Violation[] = [];
  const described = describe("image", image);
  if (image.encrypted === true) violations.push(say.cantBeShared(described, "it is encrypted"));
  if (image.imageType === "full") {
    violations.push(say.cantBeShared(described, "it holds system and data disks together"));
  }
  return violations;
}

/** `accounts`: those of the region, where the region is known. */
export function memberRule(
  memberId: Maybe<string>,
  owner: Maybe<string>,
  region: Maybe<string>,
  accounts: readonly string[] | undefined,
): Violation[] {
  if (!isKnown(memberId)) return [];
  if (isKnown(region) && accounts && !accounts.includes(memberId)) {
    return [say.unknownAccount("memberId", memberId, region, accounts)];
  }
  return isKnown(owner) && memberId === owner ? [say.sharedWithOwner(owner)] : [];
}

/** `same`: a share of the same image with the same member; `replaces`: ID of the share that the new one replaces. */
export function notTwiceRule(
  image: DraftOf<"image">,
  memberId: Maybe<string>,
  same: DraftOf<"share"> | undefined,
  replaces: string | undefined,
): Violation[] {
  if (!same || !isKnown(memberId)) return [];
  return [say.sharedAlready(describe("image", image), memberId, same, same.id === replaces)];
}
