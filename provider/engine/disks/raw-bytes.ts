import { mkdtemp, readFile, rm, truncate, writeFile, type FileHandle } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ForeignFile } from "./disk-store";
import { fill, QEMU_FORMAT } from "./qemu-img";

/** What an opened disk file from outside reads as; of a raw one the bytes that it has. */
export async function rawBytes(
  file: ForeignFile,
  handle: FileHandle,
  virtualBytes: number,
  signal?: AbortSignal,
): Promise<Buffer> {
  if (file.format === "raw") return readFile(handle);
  return inTemporaryFolder(async (folder) => {
    await writeFile(join(folder, "disk"), "");
    await truncate(join(folder, "disk"), virtualBytes);
    const from = { format: QEMU_FORMAT[file.format], file: handle };
    await fill(folder, from, { format: "raw", file: "disk" }, { signal });
    return readFile(join(folder, "disk"));
  });
}

/** A folder for as long as a work takes. */
export async function inTemporaryFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "images-"));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
