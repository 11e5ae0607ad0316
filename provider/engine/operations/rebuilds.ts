import type { CatalogTransaction } from "../catalog/catalog";
import { killPoint } from "../kill-points";
import type { InstanceRecord, VolumeRecord } from "../model";
import { contentsOf } from "../records";
import type { Report } from "../engine";
import type { Declaration } from "../requests";
import { Fault } from "../violation";
import type { Contents } from "./image-contents";
import { fillFromImage } from "./image-disks";
import { newId } from "./ids";
import type { Run } from "./run";
import { sealed } from "./sealing";
import { inTime, watch } from "./time-limit";

/** An instance and what it is to be: with a new system disk, whose content isn't there yet. Data disks stay. */
export interface Rebuild {
  standing: InstanceRecord;
  changed: InstanceRecord;
  from?: Contents;
  declaration: Declaration;
}

/**
 * Until the instance takes it, the new system disk is a volume in the making: whatever becomes of this run, it is
 * cleared away like any creation that was cut off.
 */
export async function beginRebuild(tx: CatalogTransaction, { changed }: Rebuild): Promise<VolumeRecord> {
  const { region, account, name, systemDisk: disk, encrypted, lineage, scratch } = changed;
  const id = newId("vol");
  const status = "creating";
  return tx.insert("volume", {
    id,
    region,
    account,
    name,
    status,
    disk,
    tags: {},
    encrypted,
    lineage,
    scratch,
  });
}

/** Writes the new system disk, which then takes the old one's place at once. `holder`: what has it until then. */
export async function rebuild(
  run: Run,
  { standing, changed, from, declaration }: Rebuild,
  holder: VolumeRecord,
  report: Report,
): Promise<InstanceRecord> {
  killPoint("placed");
  let done: { record: InstanceRecord; freed: string[] };
  const doing = `Rebuilding instance ${standing.id}`;
  try {
    const sealing = await inTime({ declaration, operation: "update", doing }, report, (work) =>
      sealed(run, changed, from, async (keys) => {
        const watched = watch(work, "filling the system disk");
        await fillFromImage(run, changed.systemDisk, from?.disks[0], keys, watched);
        return {};
      }),
    );
    killPoint("filled");
    done = await run.catalog.transaction(async (tx) => {
      // Waits for another run's rebuild of it, and sees what that has made.
      const now = (await tx.get("instance", standing.id)) && (await tx.update("instance", standing.id, {}));
      if (now?.systemDisk.id !== standing.systemDisk.id) {
        throw new Fault(doing, {
          says: "it was changed by another run meanwhile; run again",
        });
      }
      if (!(await tx.get("volume", holder.id))) {
        throw new Fault(doing, {
          says: "another run took this one for dead, and cleared the new system disk away; run again",
        });
      }
      const record = await tx.update("instance", standing.id, { ...changed, ...sealing, scratch: undefined });
      const { id, basedOn = [] } = standing.systemDisk;
      return { record, freed: await release(tx, holder, [id, ...basedOn]) };
    });
  } catch (error) {
    // What can't be cleared away now is, once this process has ended.
    await abandon(run, holder).catch(() => undefined);
    throw error;
  }
  killPoint("finished");
  await run.removeDiscarded(done.freed);
  return done.record;
}

async function abandon(run: Run, holder: VolumeRecord): Promise<void> {
  const freed = await run.catalog.transaction((tx) => release(tx, holder, []));
  await run.removeDiscarded(freed);
}

async function release(tx: CatalogTransaction, holder: VolumeRecord, others: string[]): Promise<string[]> {
  await tx.delete("volume", holder.id);
  return tx.discardDisks([...contentsOf("volume", holder), ...others]);
}
