import { createHash } from "node:crypto";

/** What a journal names a checkpoint by. */
export function digestOf(text: string): string {
  return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}
