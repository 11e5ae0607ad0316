import { describe } from "../messages";
import type { DraftOf, FactReader } from "../records";
import { isKnown } from "../requests";
import type { LineageStep } from "../model";
import type { Maybe } from "../requests";
import { activeRule, existsRule, ownPrivateImageRule } from "../rules/sources";
import type { Reached } from "../rules/sources";
import type { Violation } from "../violation";
import { isMember } from "./references";

/**
 * What an image has to be for its owner to make another of it: there, private, the account's own, and active. What
 * `rules` say of it comes besides, once it is within reach.
 */
export async function parentImageViolations(
  facts: FactReader,
  image: Reached<"image">,
  { region, account }: { region: Maybe<string>; account: Maybe<string> },
  verbs: { verb: string; done: string },
  rules: (record: DraftOf<"image">) => Promise<Violation[]>,
): Promise<Violation[]> {
  const violations = existsRule(image, region);
  const { record } = image;
  if (!record || violations.length > 0) return violations;
  return [
    ...ownPrivateImageRule(image, account, await isMember(facts, image, account), verbs),
    ...activeRule(image),
    ...(await rules(record)),
  ];
}

/** The lineage of an image made of another. */
export function lineageFrom({ id, name, lineage }: DraftOf<"image">): Maybe<LineageStep[]> {
  if (!isKnown(lineage)) return lineage;
  return isKnown(name) ? [{ type: "image", id, name }, ...lineage] : name;
}

/** The image that a reference led to, in words. */
export function parentImage(image: Reached<"image"> | undefined): string {
  return image?.record ? describe("image", image.record) : "its source";
}
