import type { ImageRecord, InstanceRecord, VolumeRecord } from "../model";

interface Layered {
  id: string;
  basedOn?: string[];
}

function withLayers(contents: readonly Layered[], scratch: readonly string[] = []): string[] {
  return [...new Set([...contents.flatMap(({ id, basedOn = [] }) => [id, ...basedOn]), ...scratch])];
}

/** IDs of the disk contents that a record names, those that its own are based on included. */
export const disksOf = {
  image: (image: ImageRecord): string[] => withLayers(image.deviceMappings, image.scratch),
  instance: ({ systemDisk, dataDisks, scratch }: InstanceRecord): string[] =>
    withLayers([systemDisk, ...dataDisks], scratch),
  volume: ({ disk, scratch }: VolumeRecord): string[] => withLayers([disk], scratch),
};
