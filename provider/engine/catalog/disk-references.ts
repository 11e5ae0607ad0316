import type { ImageRecord, InstanceRecord, VolumeRecord } from "../model";

/** IDs of the disk contents that a record names. */
export const disksOf = {
  image: (image: ImageRecord): string[] => image.deviceMappings.map((mapping) => mapping.id),
  instance: (instance: InstanceRecord): string[] =>
    [instance.systemDisk, ...instance.dataDisks].map((disk) => disk.id),
  volume: (volume: VolumeRecord): string[] => [volume.disk.id],
};
