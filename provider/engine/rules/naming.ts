import * as say from "../messages";
import { isKnown } from "../requests";
import type { Maybe } from "../requests";
import type { Violation } from "../violation";

const NAME_LENGTH = 128;
const NAME_CHARACTERS = /^[\p{L}\p{M}\p{Nd}\-_. ]+$/u;
const DESCRIPTION_LENGTH = 256;
const TAGS = 20;
const TAG_KEY_LENGTH = 128;
const TAG_VALUE_LENGTH = 256;
const RESERVED_PREFIX = "images:";
/** What no one sees or types: control characters, line separators, directions of writing. */
const INVISIBLE = /[\p{C}\p{Zl}\p{Zp}]/u;

/** Names of images, instances and volumes. */
export function nameRule(name: Maybe<string>): Violation[] {
  if (!isKnown(name)) return [];
  const length = characters(name);
  if (length === 0) return [say.badName("name", name, "it is empty")];
  if (length > NAME_LENGTH) return [say.badName("name", name, `it has ${length} characters`)];
  if (name !== name.trim()) return [say.badName("name", name, "it begins or ends with a space")];
  if (!NAME_CHARACTERS.test(name)) {
    const bad = [...name].find((character) => !NAME_CHARACTERS.test(character));
    return [say.badName("name", name, `it holds ${JSON.stringify(bad)}`)];
  }
  return [];
}

export function descriptionRule(description: Maybe<string>): Violation[] {
  if (!isKnown(description)) return [];
  const length = characters(description);
  return length > DESCRIPTION_LENGTH ? [say.descriptionTooLong(length, DESCRIPTION_LENGTH)] : [];
}

export function tagsRule(tags: Maybe<Record<string, Maybe<string>>>): Violation[] {
  if (!isKnown(tags)) return [];
  const violations: Violation[] = [];
  const entries = Object.entries(tags);
  if (entries.length > TAGS) violations.push(say.tooManyTags(entries.length, TAGS));
  for (const [key, value] of entries) {
    const length = characters(key);
    if (length === 0) violations.push(say.badTagKey(key, "it is empty"));
    if (length > TAG_KEY_LENGTH) violations.push(say.badTagKey(key, `it has ${length} characters`));
    if (key.startsWith(RESERVED_PREFIX))
      violations.push(say.badTagKey(key, `${RESERVED_PREFIX} is reserved`));
    if (key !== key.trim()) violations.push(say.badTagKey(key, "it begins or ends with a space"));
    const invisible = INVISIBLE.exec(key)?.[0];
    if (invisible !== undefined) violations.push(say.badTagKey(key, holds(invisible)));
    if (isKnown(value)) violations.push(...tagValueRule(key, value));
  }
  return violations;
}

/** The value may be a secret: none of it stands in a message. */
function tagValueRule(key: string, value: string): Violation[] {
  const length = characters(value);
  if (length > TAG_VALUE_LENGTH) return [say.tagValueTooLong(key, length, TAG_VALUE_LENGTH)];
  const invisible = INVISIBLE.exec(value)?.[0];
  return invisible === undefined ? [] : [say.badTagValue(key, holds(invisible))];
}

function holds(character: string): string {
  return `it holds the character U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}`;
}

/** A character outside of the basic plane counts once. */
function characters(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}
