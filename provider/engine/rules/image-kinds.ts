import * as say from "../messages";
import type { ImageType } from "../model";
import { isKnown } from "../requests";
import type { Maybe } from "../requests";
import type { Violation } from "../violation";

/** What an image is to be made of, and what the program states of it. */
export interface ImageKindFacts {
  source: "instance" | "volume" | "file";
  /** In words: "instance web (i-1)". */
  from: string;
  /** Stated, or the source's default. */
  imageType: Maybe<ImageType>;
  device?: Maybe<string>;
  /** Devices of the instance's data disks, where they are known. */
  dataDevices?: readonly string[];
  statesOs: boolean;
  statesFormat: boolean;
  /** Stated. */
  encrypted?: Maybe<boolean>;
  /** Of an instance or volume. */
  sourceEncrypted: Maybe<boolean>;
}

/** Which images there are of which sources, and what can be said of each. */
export function imageKindRule(facts: ImageKindFacts): Violation[] {
  return [...typeRule(facts), ...deviceRule(facts), ...toldRule(facts), ...encryptionRule(facts)];
}

function typeRule({ source, from, imageType }: ImageKindFacts): Violation[] {
  return imageType === "full" && source !== "instance" ? [say.fullOfOneDisk(from)] : [];
}

function deviceRule({ source, from, imageType, device, dataDevices }: ImageKindFacts): Violation[] {
  if (source !== "instance") return device === undefined ? [] : [say.deviceOfWholeSource(from)];
  if (!isKnown(imageType)) return [];
  if (imageType !== "data") return device === undefined ? [] : [say.deviceOfManyDisks(imageType)];
  if (device === undefined) return [say.deviceMissing(from, dataDevices)];
  if (device === "/dev/vda") return [say.systemDiskIsNoData(device, from)];
  if (!isKnown(device) || dataDevices === undefined || dataDevices.includes(device)) return [];
  return [say.noSuchDevice(device, from, dataDevices)];
}

/** Facts that the source tells by itself aren't stated. */
function toldRule({ source, from, imageType, statesOs, statesFormat }: ImageKindFacts): Violation[] {
  const violations: Violation[] = [];
  if (statesOs && source === "instance") violations.push(say.osIsInherited(from));
  else if (statesOs && imageType === "data") violations.push(say.dataHasNoOs());
  if (statesFormat && source !== "file") violations.push(say.formatWithoutFile());
  return violations;
}

/** A replica makes a sealed copy of what isn't sealed, and a file may be sealed as it comes in. */
function encryptionRule({ source, from, encrypted, sourceEncrypted }: ImageKindFacts): Violation[] {
  if (source === "file" || encrypted !== true || sourceEncrypted !== false) return [];
  return [say.plainStaysPlain(from)];
}
