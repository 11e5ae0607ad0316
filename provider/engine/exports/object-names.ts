import type { DeviceMapping, ExportFormat } from "../model";

/** Bytes of an object's name: what any file system takes, less `-vdxx.qcow2` and room for a temporary name. */
export const NAME_BYTES = 200;

/** The start of the objects' names where the program states none: letters, digits, - _ and . of the image's name, and its ID. */
export function defaultName(image: { name: string; id: string }): string {
  const plain = image.name.replace(/[^\p{L}\p{M}\p{Nd}\-_.]+/gu, "-").replace(/^[.-]+/, "");
  const room = NAME_BYTES - Buffer.byteLength(image.id) - 1;
  let start = "";
  for (const character of plain) {
    if (Buffer.byteLength(start + character) > room) break;
    start += character;
  }
  return start === "" ? image.id : `${start}-${image.id}`;
}

/** `golden-vdb.qcow2`, for `/dev/vdb` of the export `golden`. */
export function objectName(
  name: string,
  { device }: Pick<DeviceMapping, "device">,
  format: ExportFormat,
): string {
  return `${name}-${device.replace(/^\/dev\//, "")}.${format}`;
}
