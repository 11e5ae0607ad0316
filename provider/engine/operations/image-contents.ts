import type { ImageRecord } from "../model";
import { isKnown } from "../requests";
import { Fault } from "../violation";
import { SYSTEM_DEVICE } from "./devices";
import type { Foreseen } from "./recipe";
import { GIB } from "./disk-files";
import { freezeDisks } from "./full-images";
import type { HeldDisk, ImageSource } from "./image-sources";
import type { Run } from "./run";
import { sealed } from "./sealing";
import type { DataKeys, SealedRecord } from "./sealing";
import { watch } from "./time-limit";
import type { Work } from "./time-limit";

/** What the disks of a thing are filled from, in the order of its devices. */
export interface Contents extends SealedRecord {
  disks: readonly { id: string; basedOn?: string[] }[];
}

/** The contents of an image's source. In a transaction everything of a source is known. */
export function contentsOfSource(source: ImageSource, held: readonly HeldDisk[]): Contents | undefined {
  const record = source.type === "file" ? undefined : source.reached.record;
  if (!record || !isKnown(record.encrypted)) return undefined;
  const { id, region, account, encrypted, kmsKeyId, wrappedKey } = record as SealedRecord;
  const disks = held.flatMap((disk) =>
    disk.id === undefined ? [] : [{ id: disk.id, basedOn: disk.basedOn }],
  );
  return { id, region, account, encrypted, kmsKeyId, wrappedKey, disks };
}

/** Fills the devices of an image. */
export function fillImage(
  run: Run,
  image: ImageRecord,
  from: Contents | undefined,
  work: Work,
): Promise<Partial<ImageRecord>> {
  if (image.imageType === "full") return freezeDisks(run, image, from, work);
  return sealed(run, image, from, (keys) => fillDevice(run, image, from, keys, work));
}

/** An image of one plain disk, which may read as what the store has of it. */
export async function foreseeImage(
  run: Run,
  { imageType, encrypted, region, account, deviceMappings: [mapping] }: ImageRecord,
  from: Contents | undefined,
): Promise<Foreseen<"image"> | undefined> {
  if (imageType === "full" || encrypted || account === undefined || !mapping) return undefined;
  const [disk] = from?.disks ?? [];
  if (!disk) return undefined;
  const request = { id: mapping.id, owner: { region, account }, from: disk.id, checksum: true };
  const content = await run.disks.foresee?.(request);
  if (!content) return undefined;
  const { sizeBytes, checksum } = content;
  return { contents: [content], found: { sizeBytes, checksum } };
}

async function fillDevice(
  run: Run,
  { source, lineage, deviceMappings: [mapping] }: ImageRecord,
  from: Contents | undefined,
  keys: DataKeys,
  work: Work,
): Promise<Partial<ImageRecord>> {
  if (!mapping) throw new Error("the source has no disk");
  const disk = mapping.device === SYSTEM_DEVICE ? "the system disk" : mapping.device;
  const doing =
    source?.type === "file" ? `importing file ${source.id}` : `copying ${disk} of ${stepInWords(lineage[0])}`;
  const options = { checksum: true, ...watch(work, doing), ...keys };
  if (source?.type !== "file") {
    const [content] = from?.disks ?? [];
    if (!content) throw new Error("the source has no disk");
    const { sizeBytes, checksum } = await run.disks.copy(content.id, mapping.id, options);
    return { sizeBytes, checksum };
  }
  const { id: path, fileFormat: format = "raw" } = source;
  const file = { path, format, property: "imageFile" };
  const { sizeBytes, checksum, virtualBytes } = await run.disks.importFile(file, mapping.id, options);
  if (virtualBytes > mapping.size * GIB) {
    throw new Fault(`Importing ${path}`, { says: "it has grown since it was looked at" });
  }
  return { sizeBytes, checksum };
}

/** "instance web (i-1)". */
export function stepInWords(step: ImageRecord["lineage"][number] | undefined): string {
  if (!step) return "its source";
  return step.name === undefined ? `${step.type} ${step.id}` : `${step.type} ${step.name} (${step.id})`;
}
