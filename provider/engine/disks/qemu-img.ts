import type { FileHandle } from "node:fs/promises";
import type { DiskFormat } from "../model";
import type { DataKey } from "./disk-store";
import { openSecretFile } from "./secret-file";
import { FIRST_INHERITED, runTool } from "./tool";

const TOOL = "qemu-img";

/** Formats as qemu-img spells them. */
export const QEMU_FORMAT = {
  raw: "raw",
  qcow2: "qcow2",
  vmdk: "vmdk",
  vhd: "vpc",
  vhdx: "vhdx",
} as const satisfies Record<DiskFormat, string>;
export type QemuFormat = (typeof QEMU_FORMAT)[DiskFormat];

/** The size of a VHD is what it states: by its geometry, as many tools' are read otherwise, its end is cut off. */
const OPENED: Partial<Record<QemuFormat, string>> = { vpc: ",force_size_calc=current_size" };

/** A disk as qemu-img opens it: its format is always stated, and nothing is probed. */
export interface QemuDisk {
  format: QemuFormat;
  /** A name in the folder that is worked in, an absolute path, or a file that is open already. */
  file: string | FileHandle;
  /** What a sealed disk is opened with. */
  key?: DataKey;
}

/** A range of a disk that holds data, and the layer that has it: 0 is the disk itself, 1 what it is based on. */
export interface Extent {
  start: number;
  length: number;
  depth: number;
  /** Where it lies in that layer's file. */
  offset: number;
}

/** What stands for a data key where text is asked for. */
export function passphraseOf(key: DataKey): string {
  return key.toString("base64");
}

export interface Conversion {
  /** Told the part of the work that is done, 0 to 1. */
  share?: (done: number) => void;
  /** Ends the tool once it is aborted. */
  signal?: AbortSignal;
}

/** Writes what one disk reads as into another one that stands already and reads as zeros. */
export async function fill(
  folder: string,
  from: QemuDisk,
  to: QemuDisk,
  conversion?: Conversion,
): Promise<void> {
  await inherit(async (files) => {
    const [source, target] = [await files.disk(from), await files.disk(to)];
    const modes = ["-n", "--target-is-zero", "-W", "--image-opts", "--target-image-opts"];
    await convert(folder, [...modes, ...files.secrets, source, target], files, conversion);
  });
}

/** Writes what a disk reads as to a new file of another format; the same disk makes the same file, but for its IDs. */
export async function convertTo(
  folder: string,
  from: QemuDisk,
  to: { format: QemuFormat; path: string; options?: string },
  conversion?: Conversion,
): Promise<void> {
  await inherit(async (files) => {
    const source = await files.disk(from);
    const target = ["-O", to.format, ...(to.options ? ["-o", to.options] : [])];
    await convert(folder, ["--image-opts", ...target, ...files.secrets, source, to.path], files, conversion);
  });
}

async function convert(
  folder: string,
  args: string[],
  files: Inherited,
  { share, signal }: Conversion = {},
): Promise<void> {
  const output = (text: string) => {
    const percent = [...text.matchAll(/\((\d+\.\d+)\/100%\)/g)].at(-1)?.[1];
    if (percent !== undefined) share?.(Number(percent) / 100);
  };
  await runTool(TOOL, ["convert", "-p", ...args], { folder, files: files.handles, output, signal });
}

/** The ranges of a disk that hold data, in order; what lies between them are zeros. */
export async function dataExtents(folder: string, disk: QemuDisk): Promise<Extent[]> {
  const extents: Extent[] = [];
  await inherit(async (files) => {
    const source = await files.disk(disk);
    let rest = "";
    const line = (text: string) => {
      const { start, length, depth, data, offset } = JSON.parse(text.replace(/^\[|[,\]]$/g, "")) as {
        data: boolean;
      } & Extent;
      if (data) extents.push({ start, length, depth, offset });
    };
    const output = (text: string) => {
      const lines = (rest + text).split("\n");
      rest = lines.pop()!;
      lines.forEach(line);
    };
    await runTool(TOOL, ["map", "--output=json", ...files.secrets, "--image-opts", source], {
      folder,
      files: files.handles,
      output,
    });
  });
  return extents;
}

/** Files that the tool gets open, with what names them on its command line: a key never stands there itself. */
class Inherited {
  readonly handles: FileHandle[] = [];
  readonly secrets: string[] = [];
  readonly own: FileHandle[] = [];

  async disk({ format, file, key }: QemuDisk): Promise<string> {
    const path = typeof file === "string" ? file.replace(/,/g, ",,") : this.name(file);
    const unlock = key ? `,encrypt.key-secret=${await this.secret(key)}` : "";
    return `driver=${format},file.driver=file,file.filename=${path}${OPENED[format] ?? ""}${unlock}`;
  }

  /** The secret's ID. */
  async secret(key: DataKey): Promise<string> {
    const file = await openSecretFile(passphraseOf(key));
    this.own.push(file);
    const id = `k${this.own.length}`;
    this.secrets.push("--object", `secret,id=${id},file=${this.name(file)}`);
    return id;
  }

  private name(file: FileHandle): string {
    return `/dev/fd/${FIRST_INHERITED + this.handles.push(file) - 1}`;
  }
}

async function inherit(work: (files: Inherited) => Promise<void>): Promise<void> {
  const files = new Inherited();
  try {
    await work(files);
  } finally {
    for (const file of files.own) await file.close();
  }
}
