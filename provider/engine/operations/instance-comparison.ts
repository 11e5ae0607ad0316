import { isDeepStrictEqual } from "node:util";
import { describe } from "../messages";
import type { Disk, InstanceRecord } from "../model";
import type { FactReader } from "../records";
import { isKnown, UNKNOWN } from "../requests";
import type { InstanceRequest, Maybe } from "../requests";
import { alikeRule } from "../rules/adoption";
import type { Reached } from "../rules/sources";
import type { Violation } from "../violation";
import { dataSizes } from "./instance-draft";
import { idOf, reach } from "./references";

/** Of what an instance is, anything but name, tags and image needs another one. */
export function isReplaced(request: InstanceRequest, standing: InstanceRecord): boolean {
  const { systemDisk, dataDisks, diskFile, os, adoptId } = request;
  const sizes = dataSizes(dataDisks ?? []);
  const disksTold = dataDisks !== undefined || adoptId === undefined;
  return (
    systemDisk.type !== standing.architecture ||
    (systemDisk.size !== undefined && systemDisk.size !== standing.systemDisk.size) ||
    (disksTold && !sameSizes(sizes, standing.dataDisks)) ||
    (diskFile !== undefined && diskFile !== standing.source.id) ||
    (os !== undefined && standing.source.type === "file" && !isDeepStrictEqual(os, standing.os))
  );
}

/** Those that came with an image aren't stated. */
function sameSizes(sizes: Maybe<number[]>, disks: readonly Disk[]): boolean {
  const stated = disks.filter(({ fromImage }) => !fromImage);
  return (
    isKnown(sizes) && sizes.length === stated.length && sizes.every((size, i) => size === stated[i]?.size)
  );
}

/** Whether an instance is what the request asks for. */
export async function isAskedFor(
  facts: FactReader,
  request: InstanceRequest,
  found: InstanceRecord,
): Promise<Maybe<boolean>> {
  const { diskFile, image } = request;
  if (isReplaced({ ...request, diskFile: undefined, dataDisks: request.dataDisks ?? [] }, found))
    return false;
  if (diskFile !== undefined) {
    if (found.source.type !== "file") return false;
    return isKnown(diskFile) ? found.source.id === diskFile : UNKNOWN;
  }
  if (!image) return false;
  const id = idOf(await reach(facts, "image", image));
  return isKnown(id) ? found.imageId === id : UNKNOWN;
}

/** What the program states of an instance that it takes over, against what the instance is. */
export function unlikeInstance(
  request: InstanceRequest,
  image: Reached<"image"> | undefined,
  standing: InstanceRecord,
): Violation[] {
  const described = describe("instance", standing);
  const { type, size } = request.systemDisk;
  const stated = size !== undefined && isKnown(size) ? String(size) : undefined;
  return [
    ...alikeRule("imageId", described, standing.imageId, image && idOf(image)),
    ...alikeRule("systemDisk.type", described, standing.architecture, type),
    ...alikeRule("systemDisk.size", described, String(standing.systemDisk.size), stated),
  ];
}
