import { describe } from "../messages";
import type { DraftOf, FactReader } from "../records";
import type { DeviceMapping, ImageRecord, LineageStep } from "../model";
import { isKnown, UNKNOWN } from "../requests";
import type { Maybe } from "../requests";
import { activeRule, existsRule, ownPrivateImageRule } from "../rules/sources";
import type { Reached } from "../rules/sources";
import type { Violation } from "../violation";
import { copyDevices } from "./copied-devices";
import type { Inherited } from "./image-draft";
import { isMember } from "./references";
import type { Run } from "./run";
import { sealed } from "./sealing";
import type { Work } from "./time-limit";

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

/** What an image has from the one that it is made of. `own`: what of it differs; `devices`: its parent's made its own. */
export function inheritedFromParent(
  parent: DraftOf<"image">,
  own: Pick<Inherited["fields"], "architectures" | "source">,
  devices: (parents: DeviceMapping[]) => DeviceMapping[],
): Inherited {
  const { imageType, os, encrypted, deviceMappings } = parent;
  const isForeseen = isKnown(deviceMappings);
  return {
    fields: {
      ...own,
      ...{ imageType, os, encrypted },
      deviceMappings: isForeseen ? devices(deviceMappings) : UNKNOWN,
      lineage: lineageFrom(parent),
    },
    size: isForeseen ? (deviceMappings[0]?.size ?? UNKNOWN) : UNKNOWN,
  };
}

/** Copies what the parent holds, sealed as the image is to be. */
export async function fillFromParent(
  run: Run,
  image: ImageRecord,
  parent: ImageRecord | undefined,
  { report, signal }: Work,
  doing: string,
): Promise<Partial<ImageRecord>> {
  if (!parent) throw new Error("the source isn't known");
  return sealed(run, image, parent, (keys) =>
    copyDevices(run, image, parent, keys, { report: (fraction) => report(doing, fraction), signal }),
  );
}

function lineageFrom({ id, name, lineage }: DraftOf<"image">): Maybe<LineageStep[]> {
  if (!isKnown(lineage)) return lineage;
  return isKnown(name) ? [{ type: "image", id, name }, ...lineage] : name;
}

/** In words. */
export function parentImage(parent: DraftOf<"image"> | undefined): string {
  return parent ? describe("image", parent) : "its source";
}
