import * as say from "../messages";
import type { Architecture, ImageType } from "../model";
import { isKnown } from "../requests";
import type { Maybe } from "../requests";
import type { Violation } from "../violation";

/** A stated architecture is an expectation of what is inherited from `from`. */
export function statedArchitectureRule(
  stated: Maybe<Architecture> | undefined,
  inherited: Maybe<Architecture>,
  from: string,
): Violation[] {
  if (stated === undefined || !isKnown(stated) || !isKnown(inherited) || stated === inherited) return [];
  return [say.contradictsArchitecture(stated, inherited, from)];
}

export function conversionArchitectureRule(stated: Maybe<Architecture> | undefined): Violation[] {
  return stated === "localDisk" ? [say.conversionIsCloudDisk(stated)] : [];
}

/** At create and at rebuild alike. Public and marketplace images offer both architectures. */
export function servesInstanceRule(
  image: { architectures: Maybe<Architecture[]>; imageType: Maybe<ImageType> },
  systemDisk: Maybe<Architecture>,
  described: string,
): Violation[] {
  const violations: Violation[] = [];
  if (image.imageType === "data") violations.push(say.makesNoInstance(described));
  if (isKnown(image.architectures) && isKnown(systemDisk) && !image.architectures.includes(systemDisk)) {
    const [serves] = image.architectures;
    if (serves) violations.push(say.wrongSystemDisk(described, serves, systemDisk));
  }
  return violations;
}

export function servesVolumeRule(image: { imageType: Maybe<ImageType> }, described: string): Violation[] {
  return isKnown(image.imageType) && image.imageType !== "data" ? [say.makesNoVolume(described)] : [];
}
