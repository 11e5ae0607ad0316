import * as say from "../messages";
import { describe } from "../messages";
import type { DraftOf } from "../records";
import { isKnown } from "../requests";
import type { Violation } from "../violation";

/**
 * There is no way but from localDisk to cloudDisk, and only what holds a system disk serves the one or the other.
 * Public images offer both and are refused for being public.
 */
export function convertibleRule(image: DraftOf<"image">): Violation[] {
  if (image.visibility !== "private") return [];
  if (image.imageType === "data") return [say.dataImageNeedsNone(describe("image", image))];
  if (!isKnown(image.architectures)) return [];
  return image.architectures.includes("localDisk")
    ? []
    : [say.convertsLocalDiskOnly(describe("image", image))];
}

/**
 * One conversion of an image at a time. Conversions of one run wait for each other, so only `running` ones of other
 * runs stand in the way.
 */
export function notBeingConvertedRule(
  image: DraftOf<"image">,
  running: readonly DraftOf<"image">[],
): Violation[] {
  return running.length > 0 ? [say.beingConverted(describe("image", image), running)] : [];
}
