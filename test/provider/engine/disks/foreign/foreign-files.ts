import { execFile, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import fsPromises from "node:fs/promises";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect } from "chai";
import { inspectForeignFile } from "../../../../../provider/engine/disks/foreign/inspect";
import type { DiskFormat } from "../../../../../provider/engine/model";
import { ViolationError } from "../../../../../provider/engine/violation";

export const MIB = 2 ** 20;
/** Of the disk in every good file: no whole cluster, block or grain of any format. */
export const DISK_BYTES = 5 * MIB + 512;

const run = promisify(execFile);

export const hasQemuImg = spawnSync("qemu-img", ["--version"]).status === 0;

export async function qemuImg(...args: string[]): Promise<void> {
  await run("qemu-img", args);
}

const QEMU: Record<DiskFormat, string> = {
  raw: "raw",
  qcow2: "qcow2",
  vmdk: "vmdk",
  vhd: "vpc",
  vhdx: "vhdx",
};

/** A folder of disk files: good ones by qemu-img, bad ones by changing bytes of those. */
export class ForeignFiles {
  private constructor(readonly folder: string) {}

  static async make(): Promise<ForeignFiles> {
    const files = new ForeignFiles(await mkdtemp(join(tmpdir(), "images-foreign-")));
    const disk = Buffer.alloc(DISK_BYTES);
    randomBytes(MIB + 700).copy(disk);
    randomBytes(4000).copy(disk, 3 * MIB + 1000);
    randomBytes(500).copy(disk, DISK_BYTES - 500);
    await writeFile(files.path("disk.raw"), disk);
    return files;
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  /** The disk in another format; `options` as qemu-img takes them. */
  async good(name: string, format: DiskFormat, ...options: string[]): Promise<string> {
    const to = this.path(name);
    await qemuImg("convert", "-f", "raw", "-O", QEMU[format], ...options, this.path("disk.raw"), to);
    return to;
  }

  /** A copy whose bytes `change` changes, or replaces. */
  async changed(from: string, name: string, change: (bytes: Buffer) => Buffer | void): Promise<string> {
    const bytes = await readFile(this.path(from));
    const path = this.path(name);
    await writeFile(path, change(bytes) ?? bytes);
    return path;
  }

  remove(): Promise<void> {
    return rm(this.folder, { recursive: true });
  }
}

/** Why a file is refused; sees that no other file was opened or looked at. */
export async function refusal(path: string, format: DiskFormat, property = "imageFile"): Promise<string> {
  const touched: unknown[] = [];
  const real = { open: fsPromises.open, stat: fsPromises.stat, readFile: fsPromises.readFile };
  for (const name of ["open", "stat", "readFile"] as const) {
    (fsPromises as Record<string, unknown>)[name] = (at: never, ...rest: never[]) => {
      touched.push(at);
      return (real[name] as (...args: never[]) => unknown)(at, ...rest);
    };
  }
  try {
    await inspectForeignFile({ path, format, property });
  } catch (error) {
    if (!ViolationError.is(error)) throw error;
    expect(new Set(touched)).to.deep.equal(new Set([path]));
    expect(error.violations.map((violation) => violation.property)).to.deep.equal([property]);
    return error.violations[0]!.reason;
  } finally {
    Object.assign(fsPromises, real);
  }
  return expect.fail("nothing was refused");
}

/** One bad file: what is wrong in it, how it is made of the good one, and why it is refused. */
export type BadFile = [what: string, change: (bytes: Buffer) => Buffer | void, reason: RegExp];

/** Names each bad file by a sentence. */
export function refuseBadFiles(
  files: () => ForeignFiles,
  format: DiskFormat,
  good: string,
  bad: readonly BadFile[],
): void {
  for (const [what, change, reason] of bad) {
    it(`refuses ${what}`, async () => {
      const name = `${what.replace(/\W+/g, "-").slice(0, 80)}.${format}`;
      expect(await refusal(await files().changed(good, name, change), format)).to.match(reason);
    });
  }
}
