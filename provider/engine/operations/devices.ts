import type { Architecture, DeviceMapping } from "../model";

export const SYSTEM_DEVICE = "/dev/vda";
export const FIRST_DATA_DEVICE = "/dev/vdb";

/** `/dev/vdb` for the first data disk; after `/dev/vdz` comes `/dev/vdaa`. */
export function dataDevice(index: number): string {
  let letters = "";
  for (let rest = index + 2; rest > 0; rest = Math.floor((rest - 1) / 26)) {
    letters = String.fromCharCode(97 + ((rest - 1) % 26)) + letters;
  }
  return `/dev/vd${letters}`;
}

/** A local system disk is held as an image file, every other disk as a snapshot. */
export function kindOf(architecture: Architecture, device: string): DeviceMapping["kind"] {
  return architecture === "localDisk" && device === SYSTEM_DEVICE ? "imageFile" : "snapshot";
}
