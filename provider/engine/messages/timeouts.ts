import type { Violation } from "../violation";
import { violation } from "./words";

export function noDuration(property: string, stated: string): Violation {
  return violation(
    property,
    `"${stated}" isn't a duration.`,
    `Write it like 90s, 30m or 1h30m, or leave ${property} out for no limit.`,
  );
}

export function impossibleTimeout(property: string, stated: string, maxHours: number): Violation {
  return violation(
    property,
    `${stated} can't be a limit: it takes more than 0s and at most ${maxHours}h.`,
    `State another, or leave ${property} out for no limit.`,
  );
}

/** `reached`: what was being done, and how far it was. */
export function timeIsUp(property: string, stated: string, reached: string | undefined): string {
  return `${property} allows ${stated}${reached === undefined ? "" : `, and when it was up, ${reached}`}`;
}

export function afterTimeIsUp(property: string): string {
  return `Raise ${property}, or leave it out for no limit, and run again`;
}
