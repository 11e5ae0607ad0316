import type * as engine from "../provider/engine/model";

export type {
  Architecture,
  CpuArchitecture,
  DiskFormat,
  ExportedObject,
  ExportFormat,
  ImageStatus,
  ImageType,
  LineageStep,
  ObjectDrift,
  OnDelete,
  Visibility,
} from "../provider/engine/model";

/**
 * One device of an image. On localDisk `/dev/vda` is an image file and each further device a snapshot; on cloudDisk every
 * device is a snapshot. Snapshots count against the snapshot quota. Sizes in GiB.
 */
export type DeviceMapping = Pick<engine.DeviceMapping, "device" | "kind" | "id" | "size">;
