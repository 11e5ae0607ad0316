import type { ExportedObject, ExportFormat, ObjectDrift } from "../model";
import type { DraftOf } from "../records";
import type { Place } from "../scope";
import type { Violation } from "../violation";
import { capital, label, list, violation } from "./words";

export function badBucketUrl(why: string): Violation {
  return violation(
    "bucketUrl",
    `This can't be where an export goes: ${why}.`,
    "State s3://bucket/prefix, file:///folder, or the path of a folder.",
  );
}

export function badObjectName(name: string, why: string): Violation {
  return violation(
    "name",
    `${JSON.stringify(name)} can't begin the names of objects: ${why}.`,
    "It takes letters, digits, spaces, - _ and ., no space at either end and no . at the start.",
  );
}

export function cantBeExported(image: string, why: string, instead: string): Violation {
  return violation("imageId", `${capital(image)} can't be exported: ${why}. ${instead}`);
}

export function formatHoldsLess(
  image: string,
  device: string,
  size: number,
  format: ExportFormat,
  most: number,
): Violation {
  return violation(
    "fileFormat",
    `${capital(image)} has a disk of ${size} GiB (${device}), and a file of format ${format} holds at most ${most} GiB.`,
    "State another format.",
  );
}

export function objectsOfAnother(
  object: string,
  where: string,
  other: DraftOf<"export">,
  replacing: boolean,
): Violation {
  return violation(
    "name",
    `Export ${label(other)} writes an object ${object} to ${where} too, and nothing is ever overwritten.`,
    replacing
      ? "Leave name out, whose default holds the image's ID, or state another."
      : "State another name, or another bucketUrl.",
  );
}

export function objectsOfAnotherAccount(
  object: string,
  where: string,
  { region, account }: Place,
): Violation {
  return violation(
    "name",
    `An export of account ${account} in region ${region} writes an object ${object} to ${where} too, and nothing is ever overwritten.`,
    "State another name, or another bucketUrl; or ask that account to delete its export.",
  );
}

export function objectIsThere(object: string, where: string): Violation {
  return violation(
    "name",
    `There is an object ${object} in ${where} already, with other bytes, and nothing is ever overwritten.`,
    "Move it away, or state another name.",
  );
}

export function objectsChanged(what: string, where: string, objects: readonly ExportedObject[]): Violation {
  return violation(
    "deleteObjects",
    `In ${where}, ${list(objects.map(({ name }) => name))} ${objects.length === 1 ? "isn't" : "aren't"} what ${what} wrote any more, and only what it wrote is deleted with it.`,
    "Nothing was deleted. Move what is there away, or set deleteObjects: false, which leaves all objects where they are, and run up before the deletion.",
  );
}

export function exportedImageGone(what: string, imageId: string, objects: readonly string[]): Violation {
  return violation(
    "imageId",
    `${capital(what)} lacks ${list(objects)}, and image ${imageId}, which it was written from, is gone: it can't be written again.`,
    "Put it back from a copy, or export another image.",
  );
}

export function blockedByExport(image: string, exports: readonly DraftOf<"export">[]): Violation {
  return violation(
    "",
    `${capital(image)} is being exported, by ${list(exports.map(label))}. Wait until that is done, then run again.`,
  );
}

/** What a refresh tells of an object that isn't as it was written. */
export function drifted({ name, found }: ObjectDrift): string {
  return found === "gone"
    ? `${name} is gone. The next up writes it again.`
    : `${name} isn't what was written there any more. It is left as it is; move it away, and the next refresh and up write the object again.`;
}
