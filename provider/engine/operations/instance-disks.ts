import type { Watch } from "../disks/disk-store";
import * as say from "../messages";
import type { Disk, InstanceRecord } from "../model";
import { ViolationError } from "../violation";
import type { Foreseen } from "./recipe";
import { GIB } from "./disk-files";
import type { Contents } from "./image-contents";
import { fillFromImage, foreseeDisks } from "./image-disks";
import type { Run } from "./run";
import { sealed } from "./sealing";
import type { DataKeys } from "./sealing";
import { watch } from "./time-limit";
import type { Work } from "./time-limit";

/** Fills the disks of a new instance: from its image's, from its disk file, or with nothing. */
export async function fillDisks(
  run: Run,
  instance: InstanceRecord,
  from: Contents | undefined,
  work: Work,
): Promise<Partial<InstanceRecord>> {
  const { systemDisk, dataDisks, source } = instance;
  return sealed(run, instance, from, async (keys) => {
    const [system, ...data] = from?.disks ?? [];
    const watched = watch(work, "filling the system disk");
    if (source.type === "file") await importDisk(run, systemDisk, source.id, watched);
    else await fillFromImage(run, systemDisk, system, keys, watched);
    for (const [index, disk] of dataDisks.entries()) {
      const watched = watch(work, `filling ${disk.device}`);
      if (disk.fromImage) await fillFromImage(run, disk, data[index], keys, watched);
      else await run.disks.createBlank(disk.id, disk.size * GIB, blankKey(keys));
    }
    return {};
  });
}

/** What `fillDisks` would make of an image that isn't encrypted. */
export async function foreseeInstance(
  run: Run,
  instance: InstanceRecord,
  from: Contents | undefined,
): Promise<Foreseen<"instance"> | undefined> {
  const { systemDisk, dataDisks, source } = instance;
  const [system, ...data] = from?.disks ?? [];
  if (source.type === "file" || !system) return undefined;
  const filled = dataDisks.map((disk, index) => ({
    disk,
    from: disk.fromImage ? data[index]?.id : undefined,
  }));
  if (filled.some(({ disk, from }) => disk.fromImage && from === undefined)) return undefined;
  const contents = await foreseeDisks(run, instance, [{ disk: systemDisk, from: system.id }, ...filled]);
  return contents && { contents, found: {} };
}

async function importDisk(run: Run, disk: Disk, path: string, watch: Watch): Promise<void> {
  const virtualBytes = disk.size * GIB;
  const raw = { path, format: "raw", property: "diskFile" } as const;
  const file = await run.disks.importFile(raw, disk.id, { virtualBytes, ...watch });
  if (file.virtualBytes <= virtualBytes) return;
  const needs = Math.ceil(file.virtualBytes / GIB);
  throw new ViolationError([say.diskTooSmall("systemDisk.size", disk.size, needs, `file ${path}`)]);
}

function blankKey({ key }: DataKeys): { key?: DataKeys["key"] } {
  return key ? { key } : {};
}
