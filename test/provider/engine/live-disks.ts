import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FolderDiskStore } from "../../../provider/engine/disks/folder-disk-store";
import { MemoryDiskStore } from "../../../provider/engine/disks/memory-disk-store";
import type { DiskStore } from "../../../provider/engine/disks/disk-store";
import { standIns } from "./world";

export const CELL = 4096;
export const CELLS = 8;

/** What the first cells of a disk hold: a letter each, `.` where nothing was written. */
export type Cells = string;
export const NOTHING_WRITTEN: Cells = ".".repeat(CELLS);

/** Disks as the VMs that they belong to write and read them: not through the port. */
export interface LiveDisks {
  disks: DiskStore;
  write(id: string, cell: number, letter: string): Promise<void>;
  /** @param key What the disk is sealed with, if it is. */
  read(id: string, key?: Buffer): Promise<Cells>;
  dispose(): Promise<void>;
}

/** Whole disks of zeros are hashed for seconds, and say nothing here. */
export function unhashed<Store extends DiskStore>(disks: Store): Store {
  const copy = disks.copy.bind(disks);
  disks.copy = (fromId, id, options = {}) => copy(fromId, id, { ...options, checksum: false });
  disks.checksum = async () => "sha256:unhashed";
  return disks;
}

export function memoryDisks(): LiveDisks {
  const disks = unhashed(new MemoryDiskStore(standIns));
  const bytesOf = async (id: string) => {
    const bytes = Buffer.alloc(CELL * CELLS);
    (await disks["read"](`Reading disk ${id}`, id)).bytes.copy(bytes);
    return bytes;
  };
  return {
    disks,
    async write(id, cell, letter) {
      const bytes = await bytesOf(id);
      const { virtualBytes } = (await disks.stat(id))!;
      bytes.fill(letter, cell * CELL, (cell + 1) * CELL);
      disks["contents"].set(id, { kind: "plain", bytes, virtualBytes });
    },
    read: opening(disks, async (id) => cellsOf(await bytesOf(id))),
    dispose: async () => undefined,
  };
}

export async function folderDisks(): Promise<LiveDisks> {
  const root = await mkdtemp(join(tmpdir(), "live-disks-"));
  const file = (id: string) => {
    const raw = join(root, "disks", `${id}.raw`);
    return existsSync(raw)
      ? { path: raw, format: "raw" }
      : { path: raw.replace(/raw$/, "qcow2"), format: "qcow2" };
  };
  const disks = unhashed(new FolderDiskStore(root, standIns));
  return {
    disks,
    async write(id, cell, letter) {
      const { path, format } = file(id);
      const command = `write -P ${letter.charCodeAt(0)} ${cell * CELL} ${CELL}`;
      run("qemu-io", "-f", format, "-c", command, path);
    },
    read: opening(disks, async (id) => {
      const { path, format } = file(id);
      const to = join(root, `${id}.read`);
      run(
        "qemu-img",
        "dd",
        "-f",
        format,
        "-O",
        "raw",
        `bs=${CELL}`,
        `count=${CELLS}`,
        `if=${path}`,
        `of=${to}`,
      );
      const bytes = await readFile(to);
      await rm(to);
      return cellsOf(bytes);
    }),
    dispose: () => rm(root, { recursive: true }),
  };
}

/** Reads a sealed disk by a copy that isn't: stores on this machine ask no catalogue whether they may make one. */
function opening(disks: DiskStore, read: (id: string) => Promise<Cells>): LiveDisks["read"] {
  return async (id, fromKey) => {
    if (!fromKey) return read(id);
    await disks.copy(id, "opened", { fromKey });
    const cells = await read("opened");
    await disks.remove("opened");
    return cells;
  };
}

export function cellsOf(bytes: Buffer): Cells {
  return Array.from({ length: CELLS }, (_, cell) => String.fromCharCode(bytes[cell * CELL] || 46)).join("");
}

function run(tool: string, ...args: string[]): void {
  const { status, stderr } = spawnSync(tool, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${tool} ${args.join(" ")}: ${stderr}`);
}
