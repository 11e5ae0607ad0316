import { spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { expect } from "chai";
import type { ForeignFile } from "../../../../provider/engine/disks/disk-store";
import type { DiskFormat } from "../../../../provider/engine/model";
import { Fault } from "../../../../provider/engine/violation";

export const MIB = 2 ** 20;
export const GIB = 2 ** 30;

export function sha256(...parts: Buffer[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return `sha256:${hash.digest("hex")}`;
}

export function foreign(path: string, format: DiskFormat = "raw"): ForeignFile {
  return { path, format, property: "diskFile" };
}

/** Random bytes, a hole, random bytes, and an end that fits no block. */
export async function writeDisk(path: string): Promise<Buffer> {
  const bytes = Buffer.alloc(3 * MIB + 512);
  randomBytes(MIB + 100).copy(bytes);
  randomBytes(700).copy(bytes, bytes.length - 700);
  await writeFile(path, bytes);
  return bytes;
}

export async function failure(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => expect.fail("nothing was thrown"),
    (error: unknown) => error,
  );
}

/** Words of the Fault that a work ends with. */
export async function fault(work: Promise<unknown>): Promise<string> {
  const error = await failure(work);
  expect(Fault.is(error), String(error)).to.equal(true);
  return (error as Fault).message;
}

/** Skips what can't be shown without the tool. */
export function needsQemu(this: Mocha.Context): void {
  if (spawnSync("qemu-img", ["--version"]).status !== 0) this.skip();
}

/** Collects what a work reports, and sees that it only grows and ends whole. */
export class Watched {
  readonly seen: [number, number][] = [];
  readonly progress = (done: number, total: number) => void this.seen.push([done, total]);

  expectWhole(): void {
    const [done, total] = this.seen.at(-1) ?? [];
    expect(done, "the last report").to.equal(total).and.not.equal(undefined);
    this.seen.forEach(([part, of], index) => {
      expect(of).to.equal(total);
      expect(part).to.be.at.least(this.seen[index - 1]?.[0] ?? 0);
    });
  }
}
