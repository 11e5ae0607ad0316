import { AppliedSetup } from "../catalog/postgres/applied-setup";
import type { ImageRecord } from "../model";
import type { OfferedDisk } from "./offered-disks";
import { OperatorStore } from "./operator-store";
import type { PlannedApplication } from "./plan-application";
import { tryPlaces } from "./region-probe";
import { OPERATOR } from "../keys/key-service";
import { missingKeys } from "./region-setup";
import type { RegionSetup } from "./region-setup";

/** A change of keys that is cut off leaves these in the vault, for nobody. */
const KEYS_AT_ONCE = 20;

/**
 * Makes the region what the file says. Registered disk files go to the bucket before an image is offered with them.
 * Run again, it goes on where it was, or does nothing more. Throws a Fault before anything changes where
 * the bucket or the key service won't do. `sending` is told of each file.
 */
export async function applyRegion(
  { endpoint, wanted, standing, disks }: PlannedApplication,
  sending: (disk: OfferedDisk) => void = () => undefined,
): Promise<void> {
  const before = standing.setup.regions.flatMap(({ offered }) => offered);
  const offeredBefore = new Set(before.flatMap(contentOf));
  const isLacking = new Set(standing.lacking);
  const fresh = disks.filter(({ contentId }) => !offeredBefore.has(contentId) || isLacking.has(contentId));
  const setup = new AppliedSetup(endpoint);
  const store = new OperatorStore(endpoint, wanted);
  try {
    await tryPlaces(store.vault, standing, wanted);
    if (fresh.length > 0) {
      await setup.apply(offeringAsBefore(wanted, before, fresh));
      await send(store, fresh, sending);
    }
    await setup.apply(wanted);
    const missing = missingKeys(standing, wanted);
    while (missing.length > 0) await store.keys.makeKeys(missing.splice(0, KEYS_AT_ONCE));
    const offeredNow = new Set(wanted.regions.flatMap(({ offered }) => offered.flatMap(contentOf)));
    for (const id of offeredBefore) if (!offeredNow.has(id)) await store.disks.remove(id);
  } finally {
    await store.close();
    await setup.close();
  }
}

/** The setup while these disks aren't there yet: their images are offered as they were, or not at all. */
function offeringAsBefore(
  { regions, ...places }: RegionSetup,
  before: readonly ImageRecord[],
  fresh: readonly OfferedDisk[],
): RegionSetup {
  const waits = new Set(fresh.map(({ imageId }) => imageId));
  const asBefore = (image: ImageRecord) =>
    waits.has(image.id) ? before.filter(({ id }) => id === image.id) : [image];
  return {
    ...places,
    regions: regions.map((region) => ({ ...region, offered: region.offered.flatMap(asBefore) })),
  };
}

async function send(
  { records, contents, disks }: OperatorStore,
  fresh: readonly OfferedDisk[],
  sending: (disk: OfferedDisk) => void,
): Promise<void> {
  // One that goes is in the way of the same one.
  for (const { id, discarded } of await contents.own()) if (discarded) await disks.remove(id);
  await records.nameContents(fresh.map(({ contentId: id, region }) => ({ id, region, account: OPERATOR })));
  for (const disk of fresh) {
    const { contentId, path } = disk;
    if (await disks.stat(contentId)) continue;
    sending(disk);
    await disks.importFile({ path, format: "raw", property: "diskFile" }, contentId);
  }
}

/** A stand-in has no content of its own. */
function contentOf({ standIn, deviceMappings }: ImageRecord): string[] {
  return standIn ? [] : deviceMappings.map(({ id }) => id);
}
