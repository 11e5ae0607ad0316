import { randomBytes } from "node:crypto";

export type IdPrefix = "img" | "i" | "vol" | "share" | "snap" | "file" | "disk" | "exp";

/** Such as `img-3f9a0c5b7d12`. */
export function newId(prefix: IdPrefix): string {
  return `${prefix}-${randomBytes(6).toString("hex")}`;
}
