import type { ForeseenContent, Watch } from "../disks/disk-store";
import type { Disk, Kinds } from "../model";
import { contentsOf } from "../records";
import type { DraftOf } from "../records";
import { isKnown, UNKNOWN } from "../requests";
import type { Maybe } from "../requests";
import { GIB } from "./disk-files";
import type { Contents } from "./image-contents";
import type { Run } from "./run";
import type { DataKeys, SealedRecord } from "./sealing";

/** A disk that an image makes, without its place. */
export type ImageDisk = Pick<Disk, "size" | "basedOn">;

/** The disks that an image makes, the system disk of a system or full one first. */
export function disksMadeOf(image: DraftOf<"image">): Maybe<ImageDisk[]> {
  const { deviceMappings, quickProvisioning = false } = image;
  if (!isKnown(deviceMappings) || !isKnown(quickProvisioning)) return UNKNOWN;
  return deviceMappings.map(({ id, size, basedOn = [] }) =>
    quickProvisioning ? { size, basedOn: [id, ...basedOn] } : { size },
  );
}

/** What the disks made of an image are filled from. In a transaction all of it is known. */
export function contentsOfImage(image: DraftOf<"image"> | undefined): Contents | undefined {
  if (!image || !isKnown(image.deviceMappings) || !isKnown(image.encrypted)) return undefined;
  const { id, region, account, encrypted, kmsKeyId, wrappedKey } = image as SealedRecord;
  return { id, region, account, encrypted, kmsKeyId, wrappedKey, disks: image.deviceMappings };
}

/** What is to stay until it is copied, though the image may be deleted meanwhile; the offered ones stay. */
export function heldOf(image: DraftOf<"image"> | undefined): string[] | undefined {
  if (image?.visibility !== "private" || !isKnown(image.deviceMappings)) return undefined;
  return contentsOf("image", { ...image, scratch: undefined } as Kinds["image"]);
}

/** Plain disks of something that is not encrypted: each reads as an image's, or as zeros. */
export async function foreseeDisks(
  run: Run,
  { region, account, encrypted }: { region: string; account: string; encrypted: boolean },
  disks: readonly { disk: Disk; from?: string }[],
): Promise<ForeseenContent[] | undefined> {
  if (encrypted || !run.disks.foresee) return undefined;
  const contents: ForeseenContent[] = [];
  for (const { disk, from } of disks) {
    const { id, size, basedOn } = disk;
    const request = {
      id,
      owner: { region, account },
      from,
      virtualBytes: size * GIB,
      overlay: basedOn !== undefined,
    };
    const content = await run.disks.foresee(request);
    if (!content) return undefined;
    contents.push(content);
  }
  return contents;
}

/** Makes a disk with the content of an image's: on top of it where the disk is based on it, else a copy. */
export async function fillFromImage(
  run: Run,
  disk: Disk,
  content: Contents["disks"][number] | undefined,
  keys: DataKeys,
  watch: Watch,
): Promise<void> {
  if (!content) throw new Error("the image has no such disk");
  const virtualBytes = disk.size * GIB;
  if (disk.basedOn) await run.disks.overlay(content.id, disk.id, { virtualBytes, ...watch });
  else await run.disks.copy(content.id, disk.id, { virtualBytes, ...watch, ...keys });
}
