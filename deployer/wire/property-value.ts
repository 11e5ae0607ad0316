/**
 * Values of properties, in memory as on the wire: JSON, with marked objects for what JSON lacks. An unknown is the
 * sentinel string. Only the state file has secrets in another form (ciphertext).
 */
export type PropertyValue = null | boolean | number | string | PropertyValue[] | PropertyMap;
export interface PropertyMap {
  [key: string]: PropertyValue;
}

export const SIGNATURE = "4dabf18193072939515e22adb298388d";
export const SECRET = "1b47061264138c4ac30d75fd1eb44270";
export const RESOURCE_REFERENCE = "5cf8f73096256a8f31e491e813e4eb8e";
export const ASSET = "c44067f5952c0a294b673a41bacd8c17";
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** `{ [SIGNATURE]: SECRET, value }` */
export function secret(value: PropertyValue): PropertyMap {
  return { [SIGNATURE]: SECRET, value };
}

export function isMarked(value: PropertyValue, mark: string): value is PropertyMap {
  return typeof value === "object" && value !== null && !Array.isArray(value) && value[SIGNATURE] === mark;
}
