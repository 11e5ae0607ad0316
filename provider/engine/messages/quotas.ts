import type { Kind } from "../model";
import type { DraftOf } from "../records";
import type { Violation } from "../violation";
import { label, list, plural, are, violation } from "./words";

export interface QuotaFigures {
  region: string;
  account: string;
  limit: number;
  /** What stands already, and what this run would add to it, the resource itself included. */
  present: number;
  planned: number;
  /** What holds the places. */
  holders: readonly DraftOf<Kind>[];
  /** The resource would replace one that stands until it is made. */
  replacing: boolean;
}

export function privateImagesFull(property: string, figures: QuotaFigures): Violation {
  const { region, account, limit } = figures;
  return violation(
    property,
    `Region ${region} allows account ${account} ${plural(limit, "private image")}: ${sum(figures)}.`,
    holders(figures.holders),
    remedy(figures, "image"),
    "or ask the operator to raise privateImages.",
  );
}

export function snapshotsFull(property: string, figures: QuotaFigures): Violation {
  const { region, account, limit } = figures;
  return violation(
    property,
    `Region ${region} allows account ${account} ${plural(limit, "snapshot")}, one for each disk of a cloudDisk image: ${sum(figures)}.`,
    holders(figures.holders),
    remedy(figures, "image"),
    "or ask the operator to raise snapshots.",
  );
}

export function membersFull(
  property: string,
  image: string,
  figures: QuotaFigures,
  members: readonly string[],
): Violation {
  return violation(
    property,
    `In region ${figures.region} ${image} of account ${figures.account} can have ${plural(figures.limit, "member")}: ${sum(figures)}.`,
    members.length > 0 && `Its members are ${list(members)}.`,
    remedy(figures, "share"),
    "or ask the operator to raise membersPerImage.",
  );
}

export function acceptedSharesFull(
  property: string,
  figures: QuotaFigures,
  images: readonly string[],
): Violation {
  return violation(
    property,
    `Region ${figures.region} lets account ${figures.account} take ${plural(figures.limit, "shared image")}: ${sum(figures)}.`,
    images.length > 0 && `Those shared with it are ${list(images)}.`,
    remedy(figures, "share"),
    "or ask the operator to raise acceptedShares.",
  );
}

function sum({ present, planned }: QuotaFigures): string {
  return `${present} ${present === 1 ? "exists" : "exist"} and ${planned} ${are(planned)} planned in this run, which makes ${present + planned}`;
}

function holders(records: readonly DraftOf<Kind>[]): string | false {
  if (records.length === 0) return false;
  return `The places are held by ${list(records.map(label))}.`;
}

function remedy({ replacing, present }: QuotaFigures, noun: string): string {
  if (replacing) {
    return `Pulumi makes a replacement before it deletes what it replaces: set deleteBeforeReplace: true on this resource, delete one ${noun} in a run of its own first,`;
  }
  if (present === 0) return `Declare fewer,`;
  return `Pulumi creates before it deletes, so what this run removes still holds its place: delete one ${noun} in a run of its own first,`;
}
