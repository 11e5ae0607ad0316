import type { CatalogTransaction } from "../catalog/catalog";
import { killPoint } from "../kill-points";
import type { InstanceRecord } from "../model";
import type { Report } from "../requests";
import { Fault } from "../violation";
import type { Contents } from "./image-contents";
import { fillFromImage } from "./image-disks";
import { progressOf } from "./instance-disks";
import type { Run } from "./run";
import { sealed } from "./sealing";

/** An instance and what it is to be: with a new system disk, whose content isn't there yet. Data disks stay. */
export interface Rebuild {
  standing: InstanceRecord;
  changed: InstanceRecord;
  from?: Contents;
}

/**
 * Names the new system disk, and what it is copied from, in the instance's record: whatever becomes of this run, the
 * next change or the deletion of the instance finds them. What an earlier rebuild has left is discarded.
 */
export async function beginRebuild(
  tx: CatalogTransaction,
  { standing, changed }: Rebuild,
): Promise<string[]> {
  await tx.updateInstance(standing.id, { scratch: scratchOf(changed) });
  return standing.scratch ? tx.discardDisks(standing.scratch) : [];
}

/** Writes the new system disk, which then takes the old one's place at once. */
export async function rebuild(
  run: Run,
  { standing, changed, from }: Rebuild,
  report: Report,
): Promise<InstanceRecord> {
  const { systemDisk } = changed;
  killPoint("placed");
  let done: { record: InstanceRecord; freed: string[] };
  try {
    const progress = progressOf(report, "filling the system disk");
    const sealing = await sealed(run, changed, from, async (keys) => {
      await fillFromImage(run, systemDisk, from?.disks[0], keys, progress);
      return {};
    });
    killPoint("filled");
    done = await run.catalog.transaction(async (tx) => {
      const now = await tx.instance(standing.id);
      if (!isUnderWay(now, changed) || now?.systemDisk.id !== standing.systemDisk.id) {
        throw new Fault(`Rebuilding instance ${standing.id}`, {
          says: "it was changed by another run meanwhile",
        });
      }
      const record = await tx.updateInstance(standing.id, { ...changed, ...sealing, scratch: undefined });
      const { id, basedOn = [] } = standing.systemDisk;
      return { record, freed: await tx.discardDisks([id, ...basedOn, ...scratchOf(changed)]) };
    });
  } catch (error) {
    await abandon(run, changed);
    throw error;
  }
  killPoint("finished");
  await run.removeDiscarded(done.freed);
  return done.record;
}

async function abandon(run: Run, changed: InstanceRecord): Promise<void> {
  const freed = await run.catalog.transaction(async (tx) => {
    const now = await tx.instance(changed.id);
    if (isUnderWay(now, changed)) await tx.updateInstance(changed.id, { scratch: undefined });
    return tx.discardDisks(scratchOf(changed));
  });
  await run.removeDiscarded(freed);
}

function isUnderWay(now: InstanceRecord | undefined, { systemDisk }: InstanceRecord): boolean {
  return now?.scratch?.includes(systemDisk.id) ?? false;
}

function scratchOf({ systemDisk: { id, basedOn = [] }, scratch = [] }: InstanceRecord): string[] {
  return [id, ...basedOn, ...scratch];
}
