import { describe } from "../messages";
import type { ImageRecord, ShareRecord } from "../model";
import type { DraftOf, FactReader } from "../records";
import { isKnown } from "../requests";
import type { Maybe } from "../requests";
import {
  acceptedSharesRule,
  isExceeded,
  membersRule,
  privateImagesRule,
  snapshotsOf,
  snapshotsRule,
} from "../rules/quotas";
import type { QuotaFacts } from "../rules/quotas";
import type { Scopes } from "../scope";
import type { Violation } from "../violation";

/**
 * The places that one more image takes. `snapshots`: how many it adds, where that is known; `replaces`: what holds its
 * places until it is made.
 */
export async function imagePlaces(
  facts: FactReader,
  scopes: Scopes,
  property: string,
  { region, account }: { region: Maybe<string>; account: Maybe<string> },
  snapshots: number,
  replaces: ImageRecord | undefined,
): Promise<Violation[]> {
  const quotas = scopes.quotas(region, account);
  if (!quotas || !isKnown(region) || !isKnown(account)) return [];
  const replacing = replaces?.region === region && replaces.account === account;
  const images: QuotaFacts = {
    region,
    account,
    replacing,
    limit: quotas.privateImages,
    used: await facts.privateImageCount(region, account),
    adding: 1,
  };
  const held: QuotaFacts = {
    region,
    account,
    replacing: replacing && snapshotsOf(replaces) > 0,
    limit: quotas.snapshots,
    used: await facts.snapshotCount(region, account),
    adding: snapshots,
  };
  if (!isExceeded(images) && !isExceeded(held)) return [];
  const holders = await facts.privateImages(region, account);
  return [...privateImagesRule(property, images, holders), ...snapshotsRule(property, held, holders)];
}

/** The places that one more share takes: the image's and the member's. `replaces` holds its own until it is made. */
export async function sharePlaces(
  facts: FactReader,
  scopes: Scopes,
  image: DraftOf<"image">,
  memberId: Maybe<string>,
  replaces: ShareRecord | undefined,
): Promise<Violation[]> {
  const { region, account } = image;
  if (!isKnown(region) || account === undefined || !isKnown(account)) return [];
  const ofImage = await facts.sharesOfImage(image.id);
  const limit = scopes.quotas(region, account)?.membersPerImage ?? Infinity;
  const members = {
    region,
    account,
    replacing: replaces?.imageId === image.id,
    limit,
    used: ofImage.length,
    adding: 1,
  };
  const violations = membersRule("imageId", describe("image", image), members, ofImage);
  const accepted = scopes.quotas(region, memberId)?.acceptedShares;
  if (accepted === undefined || !isKnown(memberId)) return violations;
  const places = {
    region,
    account: memberId,
    replacing: replaces?.region === region && replaces.memberId === memberId,
    limit: accepted,
    used: await facts.acceptedShareCount(region, memberId),
    adding: 1,
  };
  if (!isExceeded(places)) return violations;
  const taken = await facts.sharesWith(region, memberId);
  const images = await Promise.all(taken.map((share) => sharedImage(facts, share)));
  return [...violations, ...acceptedSharesRule("memberId", places, taken, images)];
}

async function sharedImage(facts: FactReader, share: DraftOf<"share">): Promise<string> {
  const image = isKnown(share.imageId) ? await facts.get("image", share.imageId) : undefined;
  return image ? describe("image", image) : describe("share", share);
}
