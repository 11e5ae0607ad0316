import type { DraftOf } from "../records";
import type { Violation } from "../violation";
import { label, list, violation, capital } from "./words";

export function convertsLocalDiskOnly(image: string): Violation {
  return violation(
    "imageId",
    `${capital(image)} is a cloudDisk image already; a conversion makes one from a localDisk image. Use the image as it is.`,
  );
}

export function dataImageNeedsNone(image: string): Violation {
  return violation(
    "imageId",
    `${capital(image)} is an image of a data disk, and needs no conversion: its volumes serve instances of either architecture. Use the image as it is.`,
  );
}

export function beingConverted(image: string, conversions: readonly DraftOf<"image">[]): Violation {
  return violation(
    "imageId",
    `${capital(image)} is being converted, to ${list(conversions.map(label))}. Wait until that is done, then run again.`,
  );
}
