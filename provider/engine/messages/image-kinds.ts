import type { ImageType } from "../model";
import type { Violation } from "../violation";
import { capital, list, violation } from "./words";

export function deviceMissing(from: string, devices: readonly string[] | undefined): Violation {
  return violation(
    "device",
    `A data image holds one data disk of ${from}, and the program doesn't say which.`,
    dataDisks(devices, "State device"),
  );
}

export function noSuchDevice(device: string, from: string, devices: readonly string[]): Violation {
  return violation(
    "device",
    `${capital(from)} has no data disk ${device}.`,
    dataDisks(devices, "State one of them"),
  );
}

export function systemDiskIsNoData(device: string, from: string): Violation {
  return violation(
    "device",
    `${device} is the system disk of ${from}, and a data image holds a data disk.`,
    "Make a system image: leave device and imageType out, or state the device of a data disk.",
  );
}

export function deviceOfWholeSource(from: string): Violation {
  return violation("device", `${capital(from)} is one disk: there is no device to choose. Leave device out.`);
}

export function deviceOfManyDisks(imageType: ImageType): Violation {
  const holds = imageType === "full" ? "all disks" : "the system disk";
  return violation(
    "device",
    `A ${imageType} image holds ${holds}; only a data image holds the one disk that device names.`,
    'Leave device out, or state imageType: "data".',
  );
}

export function fullOfOneDisk(from: string): Violation {
  return violation(
    "imageType",
    `A full image holds system and data disks together, and ${from} is one disk.`,
    'State "system" or "data", or make the full image of an instance (instanceId).',
  );
}

export function dataHasNoOs(): Violation {
  return violation(
    "os",
    'A data image holds no operating system. Leave os out, or state imageType: "system" where the disk holds one.',
  );
}

export function formatWithoutFile(): Violation {
  return violation("fileFormat", "fileFormat says what an imageFile is, and none is stated. Leave it out.");
}

export function plainStaysPlain(from: string): Violation {
  return violation(
    "encrypted",
    `${capital(from)} isn't encrypted, and an image of it isn't either.`,
    "Leave encrypted out; an encrypted copy is a replica of the image (ImageReplica with encrypted: true), and an image of an imageFile may be encrypted from the start.",
  );
}

function dataDisks(devices: readonly string[] | undefined, remedy: string): string {
  if (devices === undefined) return `${remedy}: "/dev/vdb" is the first.`;
  if (devices.length === 0)
    return "It has none: give the instance a data disk first, or make a system image.";
  return `It has ${list(devices)}. ${remedy}.`;
}
