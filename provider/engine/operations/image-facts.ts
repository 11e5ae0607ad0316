import type { Architecture, OsFacts } from "../model";
import type { DraftOf } from "../records";
import { isKnown, UNKNOWN } from "../requests";
import type { ImageFacts } from "../facts";
import type { Maybe } from "../requests";

/** What check tells of an image. */
export function imageFacts(image: DraftOf<"image">): ImageFacts {
  const { region, account, name, imageType, minDisk, encrypted, kmsKeyId } = image;
  return {
    region,
    account: account ?? UNKNOWN,
    name,
    imageType,
    minDisk,
    encrypted,
    kmsKeyId,
    architecture: architectureOf(image),
    ...osFacts(image.os),
  };
}

export function architectureOf({ architectures }: DraftOf<"image">): Maybe<Architecture> {
  return isKnown(architectures) ? (architectures[0] ?? UNKNOWN) : UNKNOWN;
}

export function osFacts(
  os: Maybe<OsFacts>,
): Pick<ImageFacts, "osType" | "osName" | "osVersion" | "cpuArchitecture"> {
  if (isKnown(os)) return { ...os };
  return { osType: UNKNOWN, osName: UNKNOWN, osVersion: UNKNOWN, cpuArchitecture: UNKNOWN };
}
