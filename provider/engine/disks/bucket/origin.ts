import { createHash } from "node:crypto";

/**
 * Stands for what a content is sealed from: an object, which never changes, or a file, which may. By it what was sent
 * of the same before is found again.
 */
export function originOf(kind: "object" | "file", name: string): string {
  return createHash("sha256").update(`${kind} ${name}`).digest("hex");
}
