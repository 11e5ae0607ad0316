import { isDeepStrictEqual } from "node:util";
import { describe } from "../messages";
import type { Disk, DiskFormat, ImageRecord, ImageType, LineageStep, Source } from "../model";
import type { FactReader } from "../records";
import { isKnown, UNKNOWN } from "../requests";
import type { ImageRequest, Maybe } from "../requests";
import { DATA_DISK, SYSTEM_DISK } from "../rules/sizes";
import type { Reached } from "../rules/sources";
import { FIRST_DATA_DEVICE, SYSTEM_DEVICE } from "./devices";
import { judgeFile } from "./disk-files";
import type { JudgedFile } from "./disk-files";
import { idOf, reach } from "./references";
import type { Run } from "./run";

/** What an image is made of, as far as it is known. */
export type ImageSource = InstanceSource | VolumeSource | FileSource;

export interface InstanceSource {
  type: "instance";
  reached: Reached<"instance">;
}

export interface VolumeSource {
  type: "volume";
  reached: Reached<"volume">;
}

export interface FileSource {
  type: "file";
  path: Maybe<string>;
  format: Maybe<DiskFormat>;
  /** Only of an image that is to be made: later the file may be gone. */
  judged?: JudgedFile;
}

/** A disk that becomes a device of an image. */
export type HeldDisk = Pick<Disk, "device" | "size" | "basedOn"> & {
  /** ID of its content; a file has none. */
  id?: string;
};

/** The first that the program states; a rule sees to it that it is the only one. */
export async function findSource(
  run: Run,
  facts: FactReader,
  request: ImageRequest,
  isNew: boolean,
): Promise<ImageSource | undefined> {
  const { instance, volume, imageFile: path, fileFormat: format = "raw" } = request;
  if (instance) return { type: "instance", reached: await reach(facts, "instance", instance) };
  if (volume) return { type: "volume", reached: await reach(facts, "volume", volume) };
  if (path === undefined) return undefined;
  if (!isNew || !isKnown(path) || !isKnown(format)) return { type: "file", path, format };
  const imageType = request.imageType ?? "system";
  const limits = isKnown(imageType) && imageType !== "data" ? SYSTEM_DISK : DATA_DISK;
  const judged = await judgeFile(run, { path, format, property: "imageFile" }, limits);
  return { type: "file", path, format, judged };
}

export function propertyOf(source: ImageSource | undefined): string {
  return source?.type === "file" ? "imageFile" : (source?.reached.property ?? "instanceId");
}

/** In words: "instance web (i-1)". */
export function sourceInWords(source: ImageSource): string {
  if (source.type === "file") return isKnown(source.path) ? `file ${source.path}` : "its file";
  const { kind, record } = source.reached;
  return record ? describe(kind, record) : `its ${kind}`;
}

export function sourceId(source: ImageSource): Maybe<string> {
  return source.type === "file" ? source.path : idOf(source.reached);
}

export function imageTypeOf(request: ImageRequest, source: ImageSource | undefined): Maybe<ImageType> {
  return request.imageType ?? (source?.type === "volume" ? "data" : "system");
}

/** What the record keeps of where it comes from. */
export function recordedSource(source: ImageSource, { device }: ImageRequest): Maybe<Source> {
  if (source.type === "file") {
    const { path, format } = source;
    return isKnown(path) && isKnown(format) ? { type: "file", id: path, fileFormat: format } : UNKNOWN;
  }
  const { kind, record } = source.reached;
  if (!record || device === UNKNOWN) return UNKNOWN;
  return { type: kind as "instance" | "volume", id: record.id, ...(device === undefined ? {} : { device }) };
}

export function lineageOf(source: ImageSource): Maybe<LineageStep[]> {
  if (source.type === "file") return isKnown(source.path) ? [{ type: "file", id: source.path }] : UNKNOWN;
  const { kind, record } = source.reached;
  if (!record || !isKnown(record.lineage) || !isKnown(record.name)) return UNKNOWN;
  return [{ type: kind as "instance" | "volume", id: record.id, name: record.name }, ...record.lineage];
}

/** The disks that an image of the type holds; none where the device stated isn't there. */
export function heldDisks(
  source: ImageSource,
  imageType: Maybe<ImageType>,
  device: Maybe<string> | undefined,
): Maybe<HeldDisk[]> {
  if (!isKnown(imageType)) return UNKNOWN;
  if (source.type !== "instance") {
    const disk = source.type === "file" ? fileDisk(source) : (source.reached.record?.disk ?? UNKNOWN);
    if (!isKnown(disk)) return UNKNOWN;
    return [{ ...disk, device: imageType === "data" ? FIRST_DATA_DEVICE : SYSTEM_DEVICE }];
  }
  const { record } = source.reached;
  if (!record || !isKnown(record.systemDisk) || !isKnown(record.dataDisks)) return UNKNOWN;
  if (imageType === "system") return [record.systemDisk];
  if (imageType === "full") return [record.systemDisk, ...record.dataDisks];
  return isKnown(device) ? record.dataDisks.filter((disk) => disk.device === device) : UNKNOWN;
}

function fileDisk({ judged }: FileSource): Maybe<{ size: number }> {
  return judged?.needs === undefined ? UNKNOWN : { size: judged.needs };
}

/** Devices of the data disks of an instance, where they are known. */
export function dataDevicesOf(source: ImageSource): string[] | undefined {
  const disks = source.type === "instance" ? source.reached.record?.dataDisks : undefined;
  return disks && isKnown(disks) ? disks.map(({ device }) => device) : undefined;
}

/** What the program states of a source, against what an image was made of: UNKNOWN where that can't be told yet. */
export function isMadeOf(
  request: ImageRequest,
  source: ImageSource | undefined,
  image: Pick<ImageRecord, "source" | "imageType" | "os" | "encrypted" | "kmsKeyId">,
): Maybe<boolean> {
  const adopts = request.adoptId !== undefined;
  if (!source && !adopts) return false;
  const { device, os, encrypted, kmsKeyId } = request;
  const pairs: [stated: unknown, found: unknown][] = [];
  if (source) pairs.push([source.type, image.source?.type], [sourceId(source), image.source?.id]);
  if (source?.type === "file" && (request.fileFormat !== undefined || !adopts)) {
    pairs.push([source.format, image.source?.fileFormat]);
  }
  if (request.imageType !== undefined || !adopts) pairs.push([imageTypeOf(request, source), image.imageType]);
  if (device !== undefined || !adopts) pairs.push([device, image.source?.device]);
  if (os !== undefined) pairs.push([os, image.os]);
  if (encrypted !== undefined) pairs.push([encrypted, image.encrypted]);
  if (kmsKeyId !== undefined) pairs.push([kmsKeyId, image.kmsKeyId]);
  if (pairs.some(([stated, found]) => stated !== UNKNOWN && !isDeepStrictEqual(stated, found))) return false;
  return pairs.some(([stated]) => stated === UNKNOWN) ? UNKNOWN : true;
}
