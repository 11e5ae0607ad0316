import { mkdir, mkdtemp, open, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Project } from "./project";
import { tool } from "./tools";

/** Tools that make file systems and read them, without mounting any. */
export const FILE_SYSTEM_TOOLS = ["mkfs.ext4", "e2fsck", "debugfs"];

/** A raw disk of a file system with these files in it; sizes in MiB. */
export async function makeFileSystem(
  disk: string,
  size: number,
  files: Record<string, string | Buffer>,
): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), "images-files-"));
  try {
    for (const [name, content] of Object.entries(files)) {
      await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
      await writeFile(path.join(folder, name), content);
    }
    await writeFile(disk, "");
    await truncate(disk, size * 2 ** 20);
    await tool("mkfs.ext4", "-q", "-d", folder, disk);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** What a file of the file system on a raw disk holds; `fsck` of the whole must find nothing. */
export async function readFromFileSystem(disk: string, file: string): Promise<string> {
  await tool("e2fsck", "-fn", disk);
  return tool("debugfs", "-R", `cat ${file}`, disk);
}

/** One disk of something that stands in a project's region. */
export interface DiskOf {
  kind: "image" | "instance" | "volume";
  /** ID of what has it. */
  of: string;
  /** Default `/dev/vda`; a volume has no device. */
  device?: string;
}

/** Reads the whole content of a disk, opened where it is sealed, as a raw file that is there until `use` ends. */
export async function withDisk<T>(
  project: Project,
  disk: DiskOf,
  use: (file: string) => Promise<T>,
): Promise<T> {
  const { id, wrappedKey } = await contentOf(project, disk);
  return project.region.withContent(id, wrappedKey, use);
}

/** Key of a disk's content in the store, and what it is sealed with. */
export async function contentOf(
  project: Project,
  { kind, of, device = "/dev/vda" }: DiskOf,
): Promise<{ id: string; wrappedKey?: string }> {
  const catalog = await project.region.openCatalog();
  try {
    const { images, instances, volumes } = await catalog.snapshot();
    const volume = kind === "volume" && volumes.find(({ id }) => id === of);
    if (volume) return { id: volume.disk.id, wrappedKey: volume.wrappedKey };
    const image = kind === "image" ? images.find(({ id }) => id === of) : undefined;
    const instance = kind === "instance" ? instances.find(({ id }) => id === of) : undefined;
    const disks = image?.deviceMappings ?? (instance && [instance.systemDisk, ...instance.dataDisks]);
    const content = disks?.find((disk) => disk.device === device);
    if (!content) throw new Error(`${kind} ${of} has no disk ${device}`);
    return { id: content.id, wrappedKey: (image ?? instance)?.wrappedKey };
  } finally {
    await catalog.close();
  }
}

export async function readBytes(file: string, offset: number, length: number): Promise<Buffer> {
  const disk = await open(file);
  try {
    const bytes = Buffer.alloc(length);
    const { bytesRead } = await disk.read(bytes, 0, length, offset);
    return bytes.subarray(0, bytesRead);
  } finally {
    await disk.close();
  }
}
