import * as say from "../messages";
import type { QuotaFigures } from "../messages";
import { isPlanned } from "../records";
import type { DraftOf } from "../records";
import { isKnown } from "../requests";
import type { Violation } from "../violation";

/** Places of one account in one region: `used` before, `adding` for the resource in question. */
export interface QuotaFacts {
  region: string;
  account: string;
  limit: number;
  used: number;
  adding: number;
  /** The resource would replace one that stands until it is made. */
  replacing: boolean;
}

export function isExceeded({ used, adding, limit }: Pick<QuotaFacts, "used" | "adding" | "limit">): boolean {
  return adding > 0 && used + adding > limit;
}

/** `images`: the account's private images, present and planned, where the quota is exceeded. */
export function privateImagesRule(
  property: string,
  facts: QuotaFacts,
  images: readonly DraftOf<"image">[],
): Violation[] {
  if (!isExceeded(facts)) return [];
  return [
    say.privateImagesFull(
      property,
      figures(facts, images, () => 1),
    ),
  ];
}

export function snapshotsRule(
  property: string,
  facts: QuotaFacts,
  images: readonly DraftOf<"image">[],
): Violation[] {
  if (!isExceeded(facts)) return [];
  const holders = images.filter((image) => snapshotsOf(image) > 0);
  return [say.snapshotsFull(property, figures(facts, holders, snapshotsOf))];
}

/** `shares`: those of the image. */
export function membersRule(
  property: string,
  image: string,
  facts: QuotaFacts,
  shares: readonly DraftOf<"share">[],
): Violation[] {
  if (!isExceeded(facts)) return [];
  const members = shares.flatMap((share) => (isKnown(share.memberId) ? [share.memberId] : []));
  return [
    say.membersFull(
      property,
      image,
      figures(facts, shares, () => 1),
      members,
    ),
  ];
}

/** `shares`: those that the member has taken; `images`: what they share, described. */
export function acceptedSharesRule(
  property: string,
  facts: QuotaFacts,
  shares: readonly DraftOf<"share">[],
  images: readonly string[],
): Violation[] {
  if (!isExceeded(facts)) return [];
  return [
    say.acceptedSharesFull(
      property,
      figures(facts, shares, () => 1),
      images,
    ),
  ];
}

/** Snapshots that an image itself needs; those that it shares with another count once for both. */
export function snapshotsOf({ deviceMappings }: Pick<DraftOf<"image">, "deviceMappings">): number {
  return isKnown(deviceMappings) ? deviceMappings.filter(({ kind }) => kind === "snapshot").length : 0;
}

function figures<R extends DraftOf<"image"> | DraftOf<"share">>(
  facts: QuotaFacts,
  holders: readonly R[],
  places: (record: R) => number,
): QuotaFigures {
  const plannedBefore = holders.filter(isPlanned).reduce((total, record) => total + places(record), 0);
  const { region, account, limit, used, adding, replacing } = facts;
  return {
    region,
    account,
    limit,
    present: used - plannedBefore,
    planned: plannedBefore + adding,
    holders,
    replacing,
  };
}
