import * as say from "../messages";
import type { Disk, InstanceRecord } from "../model";
import type { Report } from "../engine";
import { ViolationError } from "../violation";
import { GIB } from "./disk-files";
import type { Contents } from "./image-contents";
import { fillFromImage } from "./image-disks";
import type { Run } from "./run";
import { sealed } from "./sealing";
import type { DataKeys } from "./sealing";

/** Fills the disks of a new instance: from its image's, from its disk file, or with nothing. */
export async function fillDisks(
  run: Run,
  instance: InstanceRecord,
  from: Contents | undefined,
  report: Report,
): Promise<Partial<InstanceRecord>> {
  const { systemDisk, dataDisks, source } = instance;
  return sealed(run, instance, from, async (keys) => {
    const [system, ...data] = from?.disks ?? [];
    const progress = progressOf(report, "filling the system disk");
    if (source.type === "file") await importDisk(run, systemDisk, source.id, progress);
    else await fillFromImage(run, systemDisk, system, keys, progress);
    for (const [index, disk] of dataDisks.entries()) {
      const progress = progressOf(report, `filling ${disk.device}`);
      if (disk.fromImage) await fillFromImage(run, disk, data[index], keys, progress);
      else await run.disks.createBlank(disk.id, disk.size * GIB, blankKey(keys));
    }
    return {};
  });
}

export function progressOf(report: Report, doing: string) {
  return (done: number, total: number) => report(doing, total > 0 ? done / total : 1);
}

async function importDisk(
  run: Run,
  disk: Disk,
  path: string,
  progress: ReturnType<typeof progressOf>,
): Promise<void> {
  const virtualBytes = disk.size * GIB;
  const raw = { path, format: "raw", property: "diskFile" } as const;
  const file = await run.disks.importFile(raw, disk.id, { virtualBytes, progress });
  if (file.virtualBytes <= virtualBytes) return;
  const needs = Math.ceil(file.virtualBytes / GIB);
  throw new ViolationError([say.diskTooSmall("systemDisk.size", disk.size, needs, `file ${path}`)]);
}

function blankKey({ key }: DataKeys): { key?: DataKeys["key"] } {
  return key ? { key } : {};
}
