import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";

/** `sha256:<hex>` of a file's bytes. */
export async function fileChecksum(path: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash("sha256");
  const bytes = createReadStream(path, { highWaterMark: 2 ** 20, signal });
  for await (const chunk of bytes) hash.update(chunk as Buffer);
  return `sha256:${hash.digest("hex")}`;
}
