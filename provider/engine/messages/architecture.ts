import type { Architecture } from "../model";
import type { Violation } from "../violation";
import { violation, capital } from "./words";

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

export function osIsInherited(from: string): Violation {
  return violation(
    "os",
    `The OS is inherited from ${from}; only a disk file doesn't tell it by itself. Leave os out.`,
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
