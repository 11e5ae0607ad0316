import type { KeyOwner } from "../../keys/key-service";

/** What the keys of all objects of a region begin with. `prefix`: of the region's disks, "" or "a/b". */
export function regionPrefix(prefix: string, region: string): string {
  return `${prefix === "" ? "" : `${prefix}/`}${region}/`;
}

/** What all objects of an account begin with. */
export function accountPrefix(prefix: string, { region, account }: KeyOwner): string {
  return `${regionPrefix(prefix, region)}${account}/`;
}
