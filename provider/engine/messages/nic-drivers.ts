import type { OsFacts } from "../model";
import type { NicDriver } from "../rules/nic-drivers";
import type { Violation } from "../violation";
import { capital, list, violation } from "./words";

const NEEDS: { [D in NicDriver]: string } = {
  nicMultiqueue: "NIC multi-queue",
  sriovDriver: "an SR-IOV driver",
};

export function osFactsMissing(
  property: NicDriver,
  image: string,
  missing: readonly (keyof OsFacts)[],
): Violation {
  return violation(
    property,
    `Whether ${image} can have ${NEEDS[property]} depends on its OS, and its ${list(missing)} ${missing.length === 1 ? "isn't" : "aren't"} known.`,
    `State os with ${list(missing)} where its disk is imported, or leave ${property} out.`,
  );
}

export function osNotListed(
  property: NicDriver,
  image: string,
  osName: string,
  listed: readonly string[],
): Violation {
  return violation(
    property,
    `${capital(image)} holds ${osName}, which isn't known to support ${NEEDS[property]}; known are ${listed.join(", ")}.`,
    `Leave ${property} out.`,
  );
}

export function osTooOld(property: NicDriver, image: string, os: string, first: string): Violation {
  return violation(
    property,
    `${capital(image)} holds ${os}, and ${NEEDS[property]} is supported from version ${first} on.`,
    `Leave ${property} out, or make the image of a newer OS.`,
  );
}

export function needsX86(image: string, cpuArchitecture: string): Violation {
  return violation(
    "sriovDriver",
    `${capital(image)} is an ${cpuArchitecture} one, and ${NEEDS.sriovDriver} is supported on x86_64 only. Leave sriovDriver out.`,
  );
}

export function dataImageHasNone(property: string, image: string): Violation {
  const has = property === "minRam" || property === "maxRam" ? "memory" : "network card";
  return violation(
    property,
    `A data image of ${image} holds a data disk and makes volumes, which have no ${has}. Leave ${property} out.`,
  );
}
