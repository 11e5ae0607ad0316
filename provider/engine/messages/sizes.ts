import type { Violation } from "../violation";
import { violation } from "./words";

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

export function minDiskBelowContent(minDisk: number, floor: number, disk: string): Violation {
  return violation(
    "minDisk",
    `minDisk ${minDisk} is less than the ${floor} GiB of the ${disk}, which no smaller disk could hold.`,
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

export function diskFileTooLarge(property: string, path: string, needs: number, max: number): Violation {
  return violation(
    property,
    `The disk file ${path} needs a disk of ${needs} GiB, and one of its kind has at most ${max} GiB.`,
    "Shrink the disk in the file, or give another.",
  );
}

export function diskTooSmall(property: string, size: number, needs: number, image: string): Violation {
  return violation(
    property,
    `A disk of ${size} GiB is too small for ${image}, which needs ${needs} GiB or more.`,
    `State a size of ${needs} or more.`,
  );
}
