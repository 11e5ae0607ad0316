import { isPlanned } from "../records";
import type { Kind } from "../model";
import type { DraftOf } from "../records";
import { isKnown } from "../requests";
import type { Violation } from "../violation";

/* What the messages of all subjects are put together from. */

const SHOWN = 10;

/** The last part of a URN: the resource's name in the program. */
export function nameInProgram(urn: string): string {
  return urn.slice(urn.lastIndexOf("::") + 2);
}

/** "image golden (img-1)"; what isn't made yet is named as the program names it. */
export function describe(kind: Kind, record: DraftOf<Kind>): string {
  return `${kind} ${label(record)}`;
}

export function label(record: DraftOf<Kind>): string {
  const origin = record.origin && isKnown(record.origin) ? record.origin : undefined;
  const name = "name" in record && isKnown(record.name) ? record.name : undefined;
  if (isPlanned(record)) {
    return `${name ?? (origin ? nameInProgram(origin.declaredBy) : "")} (planned in this run)`.trim();
  }
  return name === undefined ? record.id : `${name} (${record.id})`;
}

/** At most ten, and how many more. */
export function list(items: readonly string[]): string {
  const shown = items.slice(0, SHOWN);
  const more = items.length - shown.length;
  return shown.join(", ") + (more > 0 ? ` and ${more} more` : "");
}

export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

export function are(count: number): string {
  return count === 1 ? "is" : "are";
}

export function violation(property: string, ...sentences: (string | undefined | false)[]): Violation {
  return { property, reason: sentences.filter(Boolean).join(" ") };
}

/** "an image". */
export function withArticle(noun: string): string {
  return `${/^[aeiou]/i.test(noun) ? "an" : "a"} ${noun}`;
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
