import type { Violation } from "../violation";
import { capital, violation } from "./words";

export function fullReplicaIsPlain(image: string): Violation {
  return violation(
    "encrypted",
    `${capital(image)} holds system and data disks together, and there are no encrypted images of that kind.`,
    "Leave encrypted out, or replicate a system image and data images instead.",
  );
}

export function dataImageIsNotQuick(image: string): Violation {
  return violation(
    "quickProvisioning",
    `${capital(image)} is an image of a data disk, and quick provisioning is for images that make instances. Leave quickProvisioning out.`,
  );
}

export function notMadeSo(image: string, what: "a conversion" | "a replica"): Violation {
  return violation(
    "imageId",
    `${capital(image)} is taken over as it stands, and it isn't ${what} of an image. Leave imageId out.`,
  );
}
