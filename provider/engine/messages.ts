import { isPlanned } from "./records";
import type { DraftOf, Kind } from "./records";
import { isKnown } from "./requests";
import type { Maybe } from "./requests";
import type { Architecture } from "./model";
import type { Violation } from "./violation";

/*
 * The one place that words violations. Each function takes the figures and returns the sentence: what is wrong, how
 * far, and what to do.
 */

const SHOWN = 10;

/** The last part of a URN: the resource's name in the program. */
export function nameInProgram(urn: string): string {
  return urn.slice(urn.lastIndexOf("::") + 2);
}

/** "image golden (img-1)"; what isn't made yet is named as the program names it. */
export function describe(kind: Kind, record: DraftOf<Kind>): string {
  return `${kind} ${label(record)}`;
}

function label(record: DraftOf<Kind>): string {
  const origin = record.origin && isKnown(record.origin) ? record.origin : undefined;
  const name = "name" in record && isKnown(record.name) ? record.name : undefined;
  if (isPlanned(record)) {
    return `${name ?? (origin ? nameInProgram(origin.declaredBy) : "")} (planned in this run)`.trim();
  }
  return name === undefined ? record.id : `${name} (${record.id})`;
}

function list(items: readonly string[], noun = ""): string {
  const shown = items.slice(0, SHOWN);
  const more = items.length - shown.length;
  return shown.join(", ") + (more > 0 ? ` and ${more} more${noun && ` ${noun}`}` : "");
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

function are(count: number): string {
  return count === 1 ? "is" : "are";
}

function violation(property: string, ...sentences: (string | undefined | false)[]): Violation {
  return { property, reason: sentences.filter(Boolean).join(" ") };
}

// Scope

export function unknownRegion(region: string, served: readonly string[]): Violation {
  return violation(
    "region",
    `There is no region ${region} at this endpoint, which serves ${list(served)}.`,
    "Name one of them.",
  );
}

export function unknownAccount(
  property: string,
  account: string,
  region: string,
  accounts: readonly string[],
): Violation {
  return violation(
    property,
    `Region ${region} has no account ${account}. Its accounts are ${list(accounts)}.`,
    "Name one of them, or ask the operator to add the account.",
  );
}

// Names, descriptions, tags

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
    "A key has 1 to 128 characters and doesn't begin with images:.",
  );
}

export function badTagValue(key: string, length: number, limit: number): Violation {
  return violation(
    "tags",
    `The value of tag ${key} has ${length} characters; at most ${limit} are allowed. Shorten it.`,
  );
}

// Sizes

export function badSize(property: string, size: number, min: number, max: number): Violation {
  return violation(
    property,
    `${size} isn't a size that a disk can have: it takes whole GiB from ${min} to ${max}.`,
  );
}

export function sizeMissing(property: string): Violation {
  return violation(
    property,
    "A blank volume needs a size, in whole GiB. State it, or make the volume from a data image.",
  );
}

export function minDiskBelowContent(minDisk: number, floor: number, from: string): Violation {
  return violation(
    "minDisk",
    `minDisk ${minDisk} is less than the ${floor} GiB of the system disk of ${from}, which no smaller disk could hold.`,
    `State ${floor} or more, or leave minDisk out.`,
  );
}

export function badRam(property: string, value: number): Violation {
  return violation(property, `${value} isn't an amount of memory: it takes whole MiB, 1 or more.`);
}

export function ramRange(minRam: number, maxRam: number): Violation {
  return violation(
    "minRam",
    `minRam ${minRam} is more than maxRam ${maxRam} (both MiB). Lower the one or raise the other.`,
  );
}

export function diskTooSmall(property: string, size: number, needs: number, image: string): Violation {
  return violation(
    property,
    `A disk of ${size} GiB is too small for ${image}, which needs ${needs} GiB or more.`,
    `State a size of ${needs} or more.`,
  );
}

// Sources

export function noSource(properties: readonly string[], what: string): Violation {
  return violation(
    properties[0] ?? "",
    `${what} needs something to be made from. State ${properties.length > 1 ? "exactly one of " : ""}${list(properties)}.`,
  );
}

export function severalSources(properties: readonly string[], what: string): Violation {
  return violation(
    properties[0] ?? "",
    `${what} is made from one thing only, and ${list(properties)} are all stated. Keep one of them.`,
  );
}

export function notYetAvailable(property: string, what: string, instead: string): Violation {
  return violation(property, `${what} isn't available yet.`, instead);
}

export function notFound(property: string, kind: Kind, id: string, region: Maybe<string>): Violation {
  return violation(
    property,
    `There is no ${kind} ${id}${isKnown(region) ? ` in region ${region}` : ""}.`,
    `Check the ID, or refer to the resource that makes the ${kind}.`,
  );
}

export function elsewhere(property: string, kind: Kind, id: string, its: string, region: string): Violation {
  return violation(
    property,
    `The ${kind} ${id} is in region ${its}, and this resource is in region ${region}.`,
    `Name a ${kind} of region ${region}, or set this resource's region to ${its}.`,
  );
}

export function anothers(property: string, what: string, owner: string, account: string): Violation {
  return violation(
    property,
    `${capital(what)} belongs to account ${owner}, and this resource to account ${account}.`,
    `Name one of account ${account}'s own, or set this resource's account to ${owner}.`,
  );
}

export function invisible(property: string, what: string, owner: string, account: string): Violation {
  return violation(
    property,
    `${capital(what)} belongs to account ${owner} and isn't shared with account ${account}.`,
    `Have ${owner} share it (ImageShare with memberId ${account}), or name another image.`,
  );
}

export function memberMayNot(
  property: string,
  what: string,
  owner: string,
  account: string,
  verb: string,
): Violation {
  return violation(
    property,
    `${capital(what)} belongs to account ${owner} and is only shared with account ${account}, which can't ${verb} it: a member makes instances and volumes from a shared image and nothing else.`,
    `Do this as account ${owner}.`,
  );
}

export function notPrivate(property: string, what: string, verb: string): Violation {
  return violation(
    property,
    `${capital(what)} is offered to every account; only a private image can be ${verb}.`,
    "Make a private image of an instance of it first.",
  );
}

export function notActive(property: string, what: string): Violation {
  return violation(
    property,
    `${capital(what)} is still being made. Wait until it is active, then run again.`,
  );
}

// Architecture

export function contradictsArchitecture(
  stated: Architecture,
  inherited: Architecture,
  from: string,
): Violation {
  return violation(
    "architecture",
    `The program states ${stated}, but the architecture is inherited, never chosen: it is ${inherited}, from ${from}.`,
    `Leave architecture out, state ${inherited}, or name a source that is ${stated}.`,
  );
}

export function conversionIsCloudDisk(stated: Architecture): Violation {
  return violation(
    "architecture",
    `The program states ${stated}, but a conversion makes a cloudDisk image and there is no way back.`,
    "Leave architecture out or state cloudDisk.",
  );
}

export function wrongSystemDisk(image: string, serves: Architecture, disk: Architecture): Violation {
  return violation(
    "imageId",
    `${capital(image)} is a ${serves} image and serves only instances whose system disk is a ${serves}; this instance's is a ${disk}.`,
    serves === "localDisk"
      ? "Set systemDisk.type to localDisk, or make a cloudDisk image of it with ImageConversion and use that."
      : "Set systemDisk.type to cloudDisk, or use another image: there is no conversion from cloudDisk to localDisk.",
  );
}

export function makesNoInstance(image: string): Violation {
  return violation(
    "imageId",
    `${capital(image)} is an image of a data disk and makes volumes, not instances. Name a system image.`,
  );
}

export function makesNoVolume(image: string): Violation {
  return violation(
    "imageId",
    `${capital(image)} isn't an image of a data disk and makes no volumes. Name a data image, or leave imageId out for a blank volume.`,
  );
}

// Quotas

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

// Sharing

export function sharedWithOwner(account: string): Violation {
  return violation("memberId", `The image belongs to account ${account} itself. Name another account.`);
}

export function cantBeShared(image: string, why: string): Violation {
  return violation("imageId", `${capital(image)} can't be shared: ${why}. Share another image.`);
}

export function sharedAlready(
  image: string,
  member: string,
  share: DraftOf<"share">,
  replacing: boolean,
): Violation {
  const origin = share.origin && isKnown(share.origin) ? share.origin : undefined;
  return violation(
    "memberId",
    `${capital(image)} is shared with account ${member} already, by ${label(share)}${origin ? `, declared as ${origin.declaredBy}` : ""}.`,
    replacing
      ? "Set deleteBeforeReplace: true on this resource, so that the old share goes before the new one comes."
      : "Remove one of the two declarations.",
  );
}

// Conversion

export function convertsLocalDiskOnly(image: string): Violation {
  return violation(
    "imageId",
    `${capital(image)} is a cloudDisk image already; a conversion makes one from a localDisk image. Use the image as it is.`,
  );
}

export function beingConverted(image: string, conversions: readonly DraftOf<"image">[]): Violation {
  return violation(
    "imageId",
    `${capital(image)} is being converted, to ${list(conversions.map(label))}. Wait until that is done, then run again.`,
  );
}

// Deletion and change

export function blockedByMembers(image: string, members: readonly string[]): Violation {
  return violation(
    "",
    `${capital(image)} is shared with ${plural(members.length, "account")}: ${list(members)}.`,
    `Cancel the shares first, or set onDelete: "unshare" (cancels them with it) or "retain" (leaves the image standing) and run up before the deletion.`,
  );
}

export function blockedByConversion(image: string, conversions: readonly DraftOf<"image">[]): Violation {
  return violation(
    "",
    `${capital(image)} is being converted, to ${list(conversions.map(label))}. Wait until that is done, then run again.`,
  );
}

export function notYoursToChange(what: string, owner: string, account: string, verb: string): Violation {
  return violation(
    "",
    `${capital(what)} belongs to account ${owner}; account ${account} can't ${verb} it.`,
    `Do this as account ${owner}.`,
  );
}

export function gone(kind: Kind, id: string): Violation {
  return violation(
    "",
    `The ${kind} ${id} is gone: it was deleted outside of this program. Run refresh, then up again.`,
  );
}

// Adoption

export function heldByAnother(kind: Kind, what: string, urn: string): Violation {
  return violation(
    "adoptId",
    `${capital(what)} is declared by ${urn} already.`,
    kind === "image"
      ? `Set onDelete: "retain" there and remove it from that program, which lets go of it, or name another.`
      : `Name a ${kind} that no program declares.`,
  );
}

export function adoptsWhatItReplaces(what: string): Violation {
  return violation(
    "adoptId",
    `This resource holds ${what} already, and a change replaces it: the replacement can't take over what is then deleted.`,
    "Remove adoptId to make a new one, or undo the change.",
  );
}

export function adoptsUnlike(property: string, what: string, found: string, stated: string): Violation {
  return violation(
    property,
    `${capital(what)} is taken over as it stands, and its ${property} is ${found}; the program states ${stated}.`,
    `State ${found}, or leave ${property} out.`,
  );
}

export function notAdoptable(what: string, why: string): Violation {
  return violation("adoptId", `${capital(what)} can't be taken over: ${why}.`);
}

// Lookups

export function badPattern(pattern: string, why: string): Violation {
  return violation("nameRegex", `${JSON.stringify(pattern)} is no regular expression: ${why}.`);
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

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
