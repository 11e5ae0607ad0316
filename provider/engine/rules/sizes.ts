import * as say from "../messages";
import type { ImageType } from "../model";
import { isKnown } from "../requests";
import type { Maybe } from "../requests";
import type { Violation } from "../violation";

/** GiB. */
export interface DiskLimits {
  min: number;
  max: number;
}
export const SYSTEM_DISK: DiskLimits = { min: 1, max: 500 };
export const DATA_DISK: DiskLimits = { min: 1, max: 16_000 };

export function diskSizeRule(
  property: string,
  size: Maybe<number>,
  { min, max }: { min: number; max: number },
): Violation[] {
  if (!isKnown(size) || (Number.isInteger(size) && size >= min && size <= max)) return [];
  return [say.badSize(property, size, min, max)];
}

/** Disks made of an image are no smaller than the one that it holds. `size`: GiB of that, `from`: what it is of. */
export function minDiskRule(
  minDisk: Maybe<number>,
  { imageType, size }: { imageType: Maybe<ImageType>; size: Maybe<number> },
  from: string,
): Violation[] {
  const holdsSystem = imageType === "system" || imageType === "full";
  const violations = diskSizeRule("minDisk", minDisk, holdsSystem ? SYSTEM_DISK : DATA_DISK);
  if (violations.length === 0 && isKnown(minDisk) && isKnown(size) && minDisk < size) {
    const disk = imageType === "data" ? "data disk" : "system disk";
    violations.push(say.minDiskBelowContent(minDisk, size, `${disk} of ${from}`));
  }
  return violations;
}

export function ramRule(minRam: Maybe<number> | undefined, maxRam: Maybe<number> | undefined): Violation[] {
  const violations = [...amountRule("minRam", minRam), ...amountRule("maxRam", maxRam)];
  if (
    violations.length === 0 &&
    typeof minRam === "number" &&
    typeof maxRam === "number" &&
    minRam > maxRam
  ) {
    violations.push(say.ramRange(minRam, maxRam));
  }
  return violations;
}

function amountRule(property: string, value: Maybe<number> | undefined): Violation[] {
  if (typeof value !== "number" || (Number.isInteger(value) && value >= 1)) return [];
  return [say.badRam(property, value)];
}

/** `needs`: GiB that a disk made from a disk file has at least; `limits`: those of such a disk. */
export function diskFileRule(
  { property, path }: { property: string; path: string },
  needs: number,
  { max }: DiskLimits,
): Violation[] {
  return needs > max ? [say.diskFileTooLarge(property, path, needs, max)] : [];
}

/** A disk made from an image holds it whole. */
export function holdsImageRule(
  property: string,
  size: Maybe<number>,
  needs: Maybe<number>,
  image: string,
): Violation[] {
  if (!isKnown(size) || !isKnown(needs) || size >= needs) return [];
  return [say.diskTooSmall(property, size, needs, image)];
}
