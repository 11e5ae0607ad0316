import type { CatalogTransaction } from "../catalog/catalog";
import type { Disk, ImageRecord } from "../model";
import { Fault } from "../violation";
import type { Settled } from "./recipe";
import type { Contents } from "./image-contents";
import type { Run } from "./run";
import { watch } from "./time-limit";
import type { Work } from "./time-limit";

/** Contents beneath a disk, at most: each costs a look at every read. A longer chain is begun anew by a whole copy. */
export const MAX_LAYERS = 16;

/** What a frozen disk will be based on; nothing where it is the first, or copied whole. */
export function frozenOn({ basedOn = [] }: { basedOn?: string[] }): string[] | undefined {
  return basedOn.length > 0 && basedOn.length < MAX_LAYERS ? basedOn : undefined;
}

/**
 * Makes a full image of an instance by differences: each disk's content becomes the image's, and the instance goes on
 * in a new one on top of it (first in `scratch`, in the order of the devices), which holds only what is written from then on.
 */
export async function freezeDisks(
  run: Run,
  image: ImageRecord,
  from: Contents | undefined,
  work: Work,
): Promise<Partial<ImageRecord>> {
  let sizeBytes = 0;
  let checksum: string | undefined;
  for (const [index, mapping] of image.deviceMappings.entries()) {
    const live = from?.disks[index];
    const next = image.scratch?.[index];
    if (!live || next === undefined) throw new Error("the instance's disks aren't known");
    const watched = watch(work, `freezing ${mapping.device}`);
    const isWhole = mapping.basedOn === undefined;
    const begunAnew = isWhole && live.basedOn !== undefined && live.basedOn.length > 0;
    const options = { checksum: index === 0, ...watched };
    const content = begunAnew
      ? await run.disks.copy(live.id, mapping.id, options)
      : await run.disks.share(live.id, mapping.id, watched);
    if (index === 0 && isWhole)
      checksum = content.checksum ?? (await run.disks.checksum(mapping.id, watched));
    await run.disks.overlay(mapping.id, next, watched);
    sizeBytes += content.sizeBytes;
  }
  return { sizeBytes, checksum };
}

/** Moves the instance to its new disks, in the transaction that makes the image active. */
export async function moveOn(
  tx: CatalogTransaction,
  { source, deviceMappings, scratch = [] }: ImageRecord,
  from: Contents | undefined,
): Promise<Settled> {
  const frozen = from?.disks ?? [];
  const instance = source && (await tx.get("instance", source.id));
  const disks: Disk[] = instance ? [instance.systemDisk, ...instance.dataDisks] : [];
  if (!instance || disks.length !== frozen.length || disks.some(({ id }, i) => id !== frozen[i]?.id)) {
    throw new Fault(`Freezing the disks of instance ${source?.id}`, {
      says: "it was changed by another run meanwhile; run again",
    });
  }
  const [systemDisk, ...dataDisks] = disks.map((disk, index): Disk => {
    const { id, basedOn = [] } = deviceMappings[index]!;
    return { ...disk, id: scratch[index]!, basedOn: [id, ...basedOn] };
  });
  const released = disks.flatMap(({ id, basedOn = [] }) => [id, ...basedOn]);
  return { instance: await tx.update("instance", instance.id, { systemDisk, dataDisks }), released };
}
