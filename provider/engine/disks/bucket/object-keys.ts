import { OPERATOR, type KeyOwner } from "../../keys/key-service";

/** What the keys of all objects of a region begin with. `prefix`: of the region's disks, "" or "a/b". */
export function regionPrefix(prefix: string, region: string): string {
  return `${prefix === "" ? "" : `${prefix}/`}${region}/`;
}

/** What all objects of an account begin with. */
export function accountPrefix(prefix: string, { region, account }: KeyOwner): string {
  return `${regionPrefix(prefix, region)}${account}/`;
}

const OBJECT_ID = /^[0-9a-f]{32}$/;

/**
 * Whether a key is that of a region's object, as it can be told by its name: an account may keep other things under its
 * prefix, such as exports, and the operator nothing.
 */
export function isObjectKey(key: string, prefix: string, owner: KeyOwner): boolean {
  const start = accountPrefix(prefix, owner);
  if (!key.startsWith(start)) return false;
  return owner.account === OPERATOR || OBJECT_ID.test(key.slice(start.length));
}
