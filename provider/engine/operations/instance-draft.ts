import type { Disk, InstanceRecord } from "../model";
import type { DraftOf } from "../records";
import { isKnown, UNKNOWN } from "../requests";
import type { InstanceRequest, Maybe } from "../requests";
import type { Reached } from "../rules/sources";
import type { Scope } from "../scope";
import type { Role } from "./recipe";
import { dataDevice, SYSTEM_DEVICE } from "./devices";
import { disksMadeOf, heldOf } from "./image-disks";
import type { ImageDisk } from "./image-disks";
import type { Run } from "./run";
import { masterKeyOf } from "./sealing";

type Blank = Omit<DraftOf<"instance">, "id" | "region" | "account" | "name" | "tags">;

/** A new instance, before anything is said of its system disk's content. */
export function blankInstance(
  request: InstanceRequest,
  role: Role<"instance">,
  image: Reached<"image"> | undefined,
  size: Maybe<number>,
): Blank {
  const systemDisk = systemDiskOf(role, image, size);
  return {
    createdAt: UNKNOWN,
    sequence: UNKNOWN,
    status: "running",
    architecture: request.systemDisk.type,
    systemDisk,
    dataDisks: dataDisksOf(role, image, dataSizes(request.dataDisks ?? [])),
    os: UNKNOWN,
    encrypted: UNKNOWN,
    source: UNKNOWN,
    lineage: UNKNOWN,
  };
}

function systemDiskOf(
  role: Role<"instance">,
  image: Reached<"image"> | undefined,
  size: Maybe<number>,
): Maybe<Disk> {
  const made = madeBy(image);
  if (!isKnown(size)) return UNKNOWN;
  const layers = isKnown(made) ? layersOf(made[0]) : {};
  return { id: role.contentId("disk"), device: SYSTEM_DEVICE, size, ...layers };
}

/** The image's come first, then the blank ones stated. */
function dataDisksOf(
  role: Role<"instance">,
  image: Reached<"image"> | undefined,
  sizes: Maybe<number[]>,
): Maybe<Disk[]> {
  const made = madeBy(image);
  if (!isKnown(made) || !isKnown(sizes)) return UNKNOWN;
  const fromImage = made.slice(1).map((disk) => ({ size: disk.size, ...layersOf(disk), fromImage: true }));
  return [...fromImage, ...sizes.map((size) => ({ size }))].map((disk, index) => ({
    id: role.contentId("disk"),
    device: dataDevice(index),
    ...disk,
  }));
}

function madeBy(image: Reached<"image"> | undefined): Maybe<ImageDisk[]> {
  if (!image) return [];
  return image.record ? disksMadeOf(image.record) : UNKNOWN;
}

function layersOf(disk: ImageDisk | undefined): Pick<Disk, "basedOn"> {
  return disk?.basedOn ? { basedOn: disk.basedOn } : {};
}

/** What the content of the system disk decides; `standing`: the instance that is rebuilt. */
export async function madeFrom(
  run: Run,
  request: InstanceRequest,
  image: Reached<"image"> | undefined,
  scope: Scope,
  standing: InstanceRecord | undefined,
): Promise<Partial<DraftOf<"instance">>> {
  const { diskFile } = request;
  if (!image) {
    const plain: Partial<DraftOf<"instance">> = { os: request.os ?? {}, encrypted: false };
    if (diskFile === undefined || !isKnown(diskFile)) return plain;
    return { ...plain, source: { type: "file", id: diskFile }, lineage: [{ type: "file", id: diskFile }] };
  }
  const { record } = image;
  if (!record) {
    return { imageId: image.id, os: UNKNOWN, encrypted: UNKNOWN, source: UNKNOWN, lineage: UNKNOWN };
  }
  const { id, name, os, encrypted, lineage } = record;
  // An instance that stays sealed keeps its key, which its data disks have too.
  const keepsKey = standing?.encrypted === true && encrypted === true;
  const sealing: Pick<DraftOf<"instance">, "kmsKeyId" | "wrappedKey"> = keepsKey
    ? {}
    : { kmsKeyId: await masterKeyOf(run, encrypted, undefined, record, scope), wrappedKey: undefined };
  return {
    imageId: id,
    os,
    encrypted,
    ...sealing,
    source: { type: "image", id },
    lineage: isKnown(name) && isKnown(lineage) ? [{ type: "image", id, name }, ...lineage] : UNKNOWN,
    scratch: heldOf(record),
  };
}

/** The system disk that takes the standing one's place. */
export function rebuiltDisk(
  standing: InstanceRecord,
  image: Reached<"image">,
  role: Role<"instance">,
): Pick<DraftOf<"instance">, "systemDisk"> {
  const made = madeBy(image);
  if (!isKnown(made)) return { systemDisk: standing.systemDisk };
  const { device, size } = standing.systemDisk;
  return { systemDisk: { id: role.contentId("disk"), device, size, ...layersOf(made[0]) } };
}

/** GiB of the data disks that the program states. */
export function dataSizes(disks: NonNullable<InstanceRequest["dataDisks"]>): Maybe<number[]> {
  if (!isKnown(disks)) return disks;
  const sizes = disks.map((disk) => (isKnown(disk) ? disk.size : UNKNOWN));
  return sizes.every(isKnown) ? sizes : UNKNOWN;
}
