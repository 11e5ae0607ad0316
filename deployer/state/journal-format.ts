import { createHash } from "node:crypto";
import type { JournalEntry } from "../engine/journal";
import type { PropertyFile } from "./property-file";
import { readResource, writeResource } from "./resource-file";
import type { Json } from "./resource-file";

export const VERSION = 1;

/** The journal's first line. */
export interface JournalHead {
  version: number;
  kind: string;
  started: string;
  pid: number;
  /** Digest of the checkpoint that the entries apply to; "none" where there was none. */
  base: string;
  /** Without it the secrets of a first run that was cut off could never be read. */
  salt: string;
}

/** The end of the last sound line, in bytes, and that line's checksum. */
export interface JournalEnd {
  length: number;
  sum: string;
}

const SUM_LENGTH = 16;

/** A line of the journal: a checksum of `text` and of the line before, whose own is `sum`; a space; `text`. */
export function lineAfter(sum: string, text: string): string {
  return `${createHash("sha256").update(sum).update(text).digest("hex").slice(0, SUM_LENGTH)} ${text}`;
}

export function sumOf(line: string): string {
  return line.slice(0, SUM_LENGTH);
}

export function textOf(line: string): string {
  return line.slice(SUM_LENGTH + 1);
}

export function readEntry(raw: Json, values: PropertyFile): JournalEntry {
  const entry = { ...raw };
  for (const name of ["state", "resource"]) {
    if (entry[name]) entry[name] = readResource(entry[name] as Json, values);
  }
  return entry as unknown as JournalEntry;
}

export function writeEntry(entry: JournalEntry, values: PropertyFile): Json {
  const raw: Json = { ...entry };
  if ("state" in entry && entry.state) raw.state = writeResource(entry.state, values);
  if ("resource" in entry) raw.resource = writeResource(entry.resource, values);
  return raw;
}
