import { inspectForeignFile } from "./foreign/inspect";

/** Sees that a file from outside can be taken for a raw disk; throws ViolationError on `property` where it can't. */
export async function inspectRawFile(path: string, property: string): Promise<{ bytes: number }> {
  return inspectForeignFile({ path, format: "raw", property });
}
