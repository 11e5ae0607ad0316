import { nameOf, typeOf } from "../wire/urn";

/** The class that a program writes: `PrivateImage` of `pulumi-nodejs:dynamic/images:PrivateImage`. */
export function shortType(type: string): string {
  return type.slice(type.lastIndexOf(":") + 1).replace(/^.*\//, "");
}

/** How users know a resource: `PrivateImage golden`. */
export function resourceName(urn: string): string {
  const name = nameOf(urn);
  return name ? `${shortType(typeOf(urn))} ${name}` : urn;
}
