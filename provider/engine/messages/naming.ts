import type { Violation } from "../violation";
import { violation } from "./words";

export function badName(property: string, name: string, why: string): Violation {
  return violation(
    property,
    `${JSON.stringify(name)} can't be a name: ${why}.`,
    "A name has 1 to 128 characters: letters, digits, spaces, - _ and ., with no space at either end.",
  );
}

export function descriptionTooLong(length: number, limit: number): Violation {
  return violation(
    "description",
    `The description has ${length} characters; at most ${limit} are allowed. Shorten it.`,
  );
}

export function tooManyTags(count: number, limit: number): Violation {
  return violation("tags", `There are ${count} tags; at most ${limit} are allowed. Remove ${count - limit}.`);
}

export function badTagKey(key: string, why: string): Violation {
  return violation(
    "tags",
    `${JSON.stringify(key)} can't be a tag's key: ${why}.`,
    "A key has 1 to 128 visible characters, no space at either end, and doesn't begin with images:.",
  );
}

export function badTagValue(key: string, why: string): Violation {
  return violation(
    "tags",
    `The value of tag ${key} can't be one: ${why}. A value has at most 256 characters, all of them visible or spaces.`,
  );
}

export function tagValueTooLong(key: string, length: number, limit: number): Violation {
  return violation(
    "tags",
    `The value of tag ${key} has ${length} characters; at most ${limit} are allowed. Shorten it.`,
  );
}
