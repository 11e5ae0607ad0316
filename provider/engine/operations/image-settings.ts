import { nameInProgram } from "../messages";
import type { ImageRecord, ImageType, OsFacts } from "../model";
import type { DraftOf } from "../records";
import { isKnown } from "../requests";
import type { Declaration, ImageSettings, Maybe } from "../requests";
import { descriptionRule, nameRule, tagsRule } from "../rules/naming";
import { nicDriverRule } from "../rules/nic-drivers";
import { dataImageRule } from "../rules/settings";
import { minDiskRule, ramRule } from "../rules/sizes";
import type { Violation } from "../violation";

type Settings = Pick<
  DraftOf<"image">,
  "name" | "description" | "minDisk" | "minRam" | "maxRam" | "tags" | "nicMultiqueue" | "sriovDriver"
>;

export type SettingsRequest = ImageSettings & { declaration: Declaration; adoptId?: Maybe<string> };

/**
 * What an image's owner may change, with defaults where the program says nothing: what stands, for an image taken
 * over by ID. `image`: what it inherits, with the GiB of its first disk; `from`: what from, in words.
 */
export function settleSettings(
  request: SettingsRequest,
  standing: ImageRecord | undefined,
  image: { imageType: Maybe<ImageType>; os: Maybe<OsFacts>; size: Maybe<number> },
  from: string,
): { settings: Settings; violations: Violation[] } {
  const kept: Partial<ImageRecord> = (request.adoptId !== undefined && standing) || {};
  const settings: Settings = {
    name: request.name ?? kept.name ?? nameInProgram(request.declaration.declaredBy),
    description: request.description ?? kept.description ?? "",
    minDisk: request.minDisk ?? kept.minDisk ?? image.size,
    minRam: request.minRam ?? kept.minRam,
    maxRam: request.maxRam ?? kept.maxRam,
    tags: settleTags(request.tags ?? kept.tags),
    nicMultiqueue: request.nicMultiqueue ?? kept.nicMultiqueue ?? false,
    sriovDriver: request.sriovDriver ?? kept.sriovDriver ?? false,
  };
  const violations = [
    ...nameRule(settings.name),
    ...descriptionRule(settings.description),
    ...(request.minDisk === undefined ? [] : minDiskRule(settings.minDisk, image, from)),
    ...ramRule(settings.minRam as Maybe<number> | undefined, settings.maxRam as Maybe<number> | undefined),
    ...whatItHolds(request, image, from),
    ...tagsRule(request.tags ?? {}),
  ];
  return { settings, violations };
}

/** A data image has neither network card nor memory; what another's network card can do, its OS says. */
function whatItHolds(
  request: SettingsRequest,
  { imageType, os }: { imageType: Maybe<ImageType>; os: Maybe<OsFacts> },
  from: string,
): Violation[] {
  if (imageType === "data") return dataImageRule(request, from);
  if (!isKnown(imageType)) return [];
  return [
    ...nicDriverRule("nicMultiqueue", request.nicMultiqueue, os, from),
    ...nicDriverRule("sriovDriver", request.sriovDriver, os, from),
  ];
}

/** Tags with an unknown value are unknown as a whole: records hold no half-known ones. */
export function settleTags(tags: Maybe<Record<string, Maybe<string>>> = {}): Maybe<Record<string, string>> {
  if (!isKnown(tags)) return tags;
  const unknown = Object.values(tags).find((value) => !isKnown(value));
  return unknown === undefined ? (tags as Record<string, string>) : (unknown as Maybe<never>);
}
