import { createHash } from "node:crypto";
import type { ForeignFile } from "../disks/disk-store";
import * as say from "../messages";
import type { Disk, InstanceRecord } from "../model";
import { get, writers } from "../records";
import type { Report } from "../requests";
import { diskFileRule } from "../rules/sizes";
import { Fault, ViolationError } from "../violation";
import type { Violation } from "../violation";
import type { Run } from "./run";

const GIB = 2 ** 30;

/** `/dev/vdb` for the first data disk; after `/dev/vdz` comes `/dev/vdaa`. */
export function dataDevice(index: number): string {
  let letters = "";
  for (let rest = index + 2; rest > 0; rest = Math.floor((rest - 1) / 26)) {
    letters = String.fromCharCode(97 + ((rest - 1) % 26)) + letters;
  }
  return `/dev/vd${letters}`;
}

function rawFile(path: string): ForeignFile {
  return { path, format: "raw", property: "diskFile" };
}

/** What a disk file lets the system disk be: its violations, or the least size in GiB. */
export async function judgeDiskFile(
  run: Run,
  path: string,
): Promise<{ violations: Violation[]; needs?: number }> {
  try {
    const { virtualBytes } = await run.inspectFile(rawFile(path));
    const needs = Math.ceil(virtualBytes / GIB);
    const violations = diskFileRule(path, needs);
    return violations.length > 0 ? { violations } : { violations, needs };
  } catch (error) {
    if (!ViolationError.is(error)) throw error;
    return { violations: error.violations };
  }
}

/** Fills the disks of a new instance: from the image's content `from`, or from its disk file. */
export async function fillDisks(
  run: Run,
  instance: InstanceRecord,
  from: string | undefined,
  report: Report,
): Promise<Partial<InstanceRecord>> {
  const { systemDisk, dataDisks, source } = instance;
  await fillSystemDisk(run, systemDisk, source.type === "file" ? { path: source.id } : { from }, report);
  for (const disk of dataDisks) await run.disks.createBlank(disk.id, disk.size * GIB);
  return {};
}

async function fillSystemDisk(
  run: Run,
  disk: Disk,
  content: { path?: string; from?: string },
  report: Report,
): Promise<void> {
  const virtualBytes = disk.size * GIB;
  const doing = "filling the system disk";
  const progress = (done: number, total: number) => report(doing, total > 0 ? done / total : 1);
  if (content.path !== undefined) {
    const file = await run.disks.importFile(rawFile(content.path), disk.id, { virtualBytes, progress });
    if (file.virtualBytes > virtualBytes) {
      const needs = Math.ceil(file.virtualBytes / GIB);
      throw new ViolationError([
        say.diskTooSmall("systemDisk.size", disk.size, needs, `file ${content.path}`),
      ]);
    }
  } else if (content.from !== undefined) {
    await run.disks.copy(content.from, disk.id, { virtualBytes, progress });
  } else {
    throw new Error("the image has no system disk");
  }
}

/**
 * Writes another image to a new system disk, which then takes the old one's place at once. Data disks stay.
 * `from`: the image's content.
 */
export async function rebuild(
  run: Run,
  standing: InstanceRecord,
  changed: InstanceRecord,
  from: string | undefined,
  report: Report,
): Promise<InstanceRecord> {
  const old = standing.systemDisk;
  const disk = { ...old, id: rebuiltDiskId(standing, changed.imageId) };
  // Left by a rebuild that was cut off: the same rebuild has the same ID.
  await run.disks.remove(disk.id);
  try {
    await fillSystemDisk(run, disk, { from }, report);
    const { record, freed } = await run.catalog.transaction(async (tx) => {
      const now = await get(tx, "instance", standing.id);
      if (now?.systemDisk.id !== old.id) {
        throw new Fault(`Rebuilding instance ${standing.id}`, {
          says: "it was changed by another run meanwhile",
        });
      }
      const record = await writers.instance.update(tx, standing.id, { ...changed, systemDisk: disk });
      return { record, freed: await tx.discardDisks([old.id]) };
    });
    for (const content of freed) await run.disks.remove(content);
    return record;
  } catch (error) {
    await run.disks.remove(disk.id);
    throw error;
  }
}

function rebuiltDiskId({ id, systemDisk }: InstanceRecord, imageId: string | undefined): string {
  const hash = createHash("sha256").update(`${id}\n${systemDisk.id}\n${imageId}`).digest("hex");
  return `disk-${hash.slice(0, 12)}`;
}
