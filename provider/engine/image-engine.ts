import type { Catalog } from "./catalog/catalog";
import type { DiskStore } from "./disks/disk-store";
import { lookups } from "./lookups";
import { conversions } from "./operations/conversions";
import { instances } from "./operations/instances";
import { privateImages } from "./operations/private-images";
import { Run } from "./operations/run";
import { shares } from "./operations/shares";
import { volumes } from "./operations/volumes";
import type { ImageEngine } from "./requests";
import { Fault } from "./violation";

/** An engine for one run over a region's catalogue and disks, which it closes at its end. */
export function createImageEngine(
  catalog: Catalog,
  disks: DiskStore,
  { region, account }: { region?: string; account?: string } = {},
): ImageEngine {
  const run = new Run(catalog, disks);
  const defaults = settleDefaults(catalog, region, account);
  return {
    defaults,
    place: (stated) => run.scopes.placeOf(stated, defaults),
    images: privateImages(run),
    conversions: conversions(run),
    shares: shares(run),
    instances: instances(run),
    volumes: volumes(run),
    lookups: lookups(run, defaults),
    close: () => run.close(),
  };
}

/** The catalogue's first region and that region's first account. A name that isn't served is check's to refuse. */
function settleDefaults({ regions }: Catalog, region?: string, account?: string) {
  const settings = region === undefined ? regions[0] : regions.find(({ name }) => name === region);
  const defaults = { region: region ?? settings?.name, account: account ?? settings?.accounts[0]?.name };
  if (defaults.region === undefined)
    throw new Fault("Opening the region", { says: "the endpoint serves none" });
  return { region: defaults.region, account: defaults.account ?? "default" };
}
