import type { DraftOf } from "../records";
import type { Violation } from "../violation";
import { label, list, plural, violation } from "./words";

export function badPattern(pattern: string, why: string): Violation {
  return violation("nameRegex", `${JSON.stringify(pattern)} can't be read as a regular expression: ${why}.`);
}

export function nothingMatches(
  property: string,
  criteria: string,
  seen: readonly string[],
  total: number,
): Violation {
  return violation(
    property,
    `No image matches ${criteria}.`,
    total === 0
      ? "The account sees no images there."
      : `The nearest of the ${plural(total, "image")} that the account sees: ${list(seen)}.`,
  );
}

export function severalMatch(
  property: string,
  criteria: string,
  images: readonly DraftOf<"image">[],
): Violation {
  return violation(
    property,
    `${images.length} images match ${criteria}: ${list(images.map(label))}.`,
    "Narrow the criteria, or set mostRecent: true to take the newest.",
  );
}

export function nothingInLineage(wanted: string, place: string, nearest: readonly string[]): Violation {
  return violation(
    "",
    `Nothing with the name or ID ${JSON.stringify(wanted)} stands in the lineage of ${place}.`,
    nearest.length === 0 ? "There is nothing in it yet." : `The nearest: ${list(nearest)}.`,
  );
}
