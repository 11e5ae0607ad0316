import { milliseconds } from "../duration";
import * as say from "../messages";
import { isKnown } from "../requests";
import type { Maybe, Timeouts } from "../requests";
import type { Violation } from "../violation";

/** Hours that a timer counts, at most: some more than 24 days. */
const MAX_HOURS = 576;

export function timeoutsRule(timeouts: Maybe<Timeouts> = {}): Violation[] {
  if (!isKnown(timeouts)) return [];
  return Object.entries(timeouts).flatMap(([name, stated]: [string, Maybe<string> | undefined]) => {
    if (stated === undefined || !isKnown(stated)) return [];
    const property = `timeouts.${name}`;
    const ms = milliseconds(stated);
    if (ms === undefined) return [say.noDuration(property, stated)];
    const isPossible = ms > 0 && ms <= MAX_HOURS * 3_600_000;
    return isPossible ? [] : [say.impossibleTimeout(property, stated, MAX_HOURS)];
  });
}
