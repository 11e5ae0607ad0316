import type { ImageRecord, InstanceRecord, VolumeRecord } from "../model";

interface Layered {
  id: string;
  basedOn?: string[];
}

function withLayers(contents: readonly Layered[]): string[] {
  return [...new Set(contents.flatMap(({ id, basedOn = [] }) => [id, ...basedOn]))];
}

/** IDs of the disk contents that a record names, those that its own are based on included. */
export const disksOf = {
  image: (image: ImageRecord): string[] => [...withLayers(image.deviceMappings), ...(image.scratch ?? [])],
  instance: (instance: InstanceRecord): string[] => withLayers([instance.systemDisk, ...instance.dataDisks]),
  volume: (volume: VolumeRecord): string[] => withLayers([volume.disk]),
};
