import { nameAt, parseLocation } from "../exports/location";
import type { Location } from "../exports/location";
import { NAME_BYTES, objectName } from "../exports/object-names";
import * as say from "../messages";
import { describe } from "../messages";
import type { ExportFormat } from "../model";
import type { DraftOf } from "../records";
import { isKnown } from "../requests";
import type { Maybe } from "../requests";
import type { Place } from "../scope";
import type { Violation } from "../violation";

/** GiB that a file of a format holds, where that is less than a disk can have. */
const MOST: Partial<Record<ExportFormat, number>> = { vhd: 2040 };
const NAME_CHARACTERS = /^[\p{L}\p{M}\p{Nd}\-_. ]+$/u;

export function bucketUrlRule(bucketUrl: Maybe<string>): Violation[] {
  if (!isKnown(bucketUrl)) return [];
  const location = parseLocation(bucketUrl);
  return "wrong" in location ? [say.badBucketUrl(location.wrong)] : [];
}

export function objectNameRule(name: Maybe<string>): Violation[] {
  if (!isKnown(name)) return [];
  const bytes = Buffer.byteLength(name);
  if (name === "") return [say.badObjectName(name, "it is empty")];
  if (bytes > NAME_BYTES) {
    return [say.badObjectName(name, `it has ${bytes} bytes, and ${NAME_BYTES} are allowed`)];
  }
  if (name !== name.trim()) return [say.badObjectName(name, "it begins or ends with a space")];
  if (name.startsWith(".")) return [say.badObjectName(name, "it begins with .")];
  if (!NAME_CHARACTERS.test(name)) {
    const bad = [...name].find((character) => !NAME_CHARACTERS.test(character));
    return [say.badObjectName(name, `it holds ${JSON.stringify(bad)}`)];
  }
  return [];
}

/** Kinds of image that stay in their region. */
export function exportableRule(image: DraftOf<"image">): Violation[] {
  const violations: Violation[] = [];
  const described = describe("image", image);
  if (image.encrypted === true) {
    const instead = "Make an ImageReplica of it with encrypted: false and export that.";
    violations.push(say.cantBeExported(described, "it is encrypted", instead));
  }
  if (image.imageType === "full") {
    const why = "it holds system and data disks together";
    violations.push(say.cantBeExported(described, why, "Make system and data images and export those."));
  }
  return violations;
}

/** The format holds every disk of the image. */
export function formatRule(image: DraftOf<"image">, format: Maybe<ExportFormat>): Violation[] {
  const { deviceMappings } = image;
  const most = isKnown(format) ? MOST[format] : undefined;
  if (!isKnown(format) || most === undefined || !isKnown(deviceMappings)) return [];
  return deviceMappings
    .filter(({ size }) => size > most)
    .map(({ device, size }) => say.formatHoldsLess(describe("image", image), device, size, format, most));
}

/**
 * No two exports write to the same names. `others`: all that go to the same place; `replaces`: the one that this one
 * replaces, whose objects it takes over where they are of the same image.
 */
export function ownObjectsRule(
  draft: DraftOf<"export">,
  where: Location,
  others: readonly DraftOf<"export">[],
  replaces: { id: string; imageId: string } | undefined,
): Violation[] {
  const { id, name, fileFormat, imageId } = draft;
  if (!isKnown(name) || !isKnown(fileFormat)) return [];
  const other = others.find(
    (each) =>
      each.id !== id &&
      each.name === name &&
      each.fileFormat === fileFormat &&
      !(each.id === replaces?.id && replaces.imageId === imageId),
  );
  if (!other) return [];
  return [
    say.objectsOfAnother(
      firstObject(where, name, fileFormat),
      inWords(where),
      other,
      other.id === replaces?.id,
    ),
  ];
}

/** Nor to names of an account's whose exports aren't seen. */
export function namesOfAnotherRule(
  { name, fileFormat }: DraftOf<"export">,
  where: Location,
  exporter: Place | undefined,
): Violation[] {
  if (!exporter || !isKnown(name) || !isKnown(fileFormat)) return [];
  return [say.objectsOfAnotherAccount(firstObject(where, name, fileFormat), inWords(where), exporter)];
}

function firstObject(where: Location, name: string, fileFormat: ExportFormat): string {
  return nameAt(where, objectName(name, { device: "/dev/vda" }, fileFormat));
}

function inWords(where: Location): string {
  return where.kind === "folder" ? where.folder : `bucket ${where.bucket}`;
}
