export type {
  Architecture,
  CpuArchitecture,
  DeviceMapping,
  ImageStatus,
  ImageType,
  LineageStep,
  Visibility,
} from "../provider/engine/model";
export type { OnDelete } from "../provider/engine/requests";
