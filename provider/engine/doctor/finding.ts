import type { Kind } from "../model";

export type Ailment =
  | "deadCreation"
  | "discardedContent"
  | "orphanContent"
  | "temporaryFile"
  | "stray"
  | "missingContent"
  | "lostKey"
  | "cutOffCreation";

/** Something in a region that isn't as it should be. */
export interface Finding {
  ailment: Ailment;
  /** Of the record or content; a file's path, a stray's name. */
  id: string;
  /** The record that it is about. */
  record?: { kind: Kind; name: string; region: string; account?: string };
  /** The disk contents that it is about. */
  contents: string[];
  /** Whole sentences: what is wrong, and what to do. */
  says: string;
  /** `safe`: nothing can need it; `asked`: a stack elsewhere might; `none`: there is nothing to remove. */
  removal: "safe" | "asked" | "none";
}

/** Finds what no record owns and what records lack, in all regions and accounts of an endpoint. */
export interface Doctor {
  /** Changes nothing. */
  examine(): Promise<Finding[]>;
  /**
   * Removes what the findings tell of; nothing that a live process is making, whatever has happened since they were
   * found. Returns those that stay, with the reason.
   */
  remove(findings: readonly Finding[]): Promise<{ finding: Finding; why: string }[]>;
}

export function finding(
  ailment: Finding["ailment"],
  id: string,
  removal: Finding["removal"],
  says: string,
  contents: string[] = [],
): Finding {
  return { ailment, id, contents, says, removal };
}
