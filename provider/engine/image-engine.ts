import type { Catalog } from "./catalog/catalog";
import type { DiskStore } from "./disks/disk-store";
import { doctor } from "./doctor/doctor";
import type { KeyService } from "./keys/key-service";
import type { WrappedKeys } from "./keys/wrapped-keys";
import * as say from "./messages";
import { lookups } from "./lookups";
import { conversions } from "./operations/conversions";
import { imageExports } from "./operations/exports";
import { instances } from "./operations/instances";
import { ownedKeys } from "./operations/owned-keys";
import { privateImages } from "./operations/private-images";
import { replicas } from "./operations/replicas";
import { Run } from "./operations/run";
import { shares } from "./operations/shares";
import { volumes } from "./operations/volumes";
import type { ImageEngine } from "./engine";
import type { Place } from "./scope";
import { Fault, ViolationError } from "./violation";

export interface EngineOptions {
  region?: string;
  account?: string;
  /** Where files stand on their way out of the region; default: the system's folder for temporary files. */
  workFolder?: string;
  /** Folders in which the adapters write temporary files, for the doctor to look into. */
  temporaryFolders?: readonly string[];
  /** Where wrapped data keys stand; default: in the catalogue's records. */
  wrappedKeys?: WrappedKeys;
}

/** An engine for one run over a region's catalogue, disks and keys. It closes the catalogue and the keys at its end. */
export function createImageEngine(
  catalog: Catalog,
  disks: DiskStore,
  keys: KeyService,
  { region, account, workFolder, temporaryFolders = [], wrappedKeys }: EngineOptions = {},
): ImageEngine {
  const run = new Run(catalog, disks, keys, workFolder, wrappedKeys);
  const defaults = settleDefaults(catalog, region, account);
  const operations = {
    images: privateImages(run),
    conversions: conversions(run),
    replicas: replicas(run),
    exports: imageExports(run),
    shares: shares(run),
    instances: instances(run),
    volumes: volumes(run),
  };
  const removers = {
    image: operations.images.remove,
    instance: operations.instances.remove,
    volume: operations.volumes.remove,
    share: operations.shares.remove,
    export: operations.exports.remove,
  };
  return {
    defaults,
    place: (stated) => run.scopes.placeOf(stated, defaults),
    ...operations,
    lookups: lookups(run, defaults),
    keys: (owner) => ownedKeys(run, owner),
    doctor: doctor(run, removers, temporaryFolders),
    close: () => run.close(),
  };
}

/** The catalogue's first region and that region's first account, where nothing is asked for. */
function settleDefaults({ regions }: Catalog, region?: string, account?: string): Place {
  const settings = region === undefined ? regions[0] : regions.find(({ name }) => name === region);
  if (!settings) {
    if (region === undefined) throw new Fault("Opening the region", { says: "the endpoint serves none" });
    const served = regions.map(({ name }) => name);
    throw new ViolationError([say.unknownRegion(region, served)]);
  }
  const accounts = settings.accounts.map(({ name }) => name);
  if (account !== undefined && !accounts.includes(account)) {
    throw new ViolationError([say.unknownAccount("account", account, settings.name, accounts)]);
  }
  const own = settings.accounts.flatMap(({ name, foreign }) => (foreign ? [] : [name]));
  const named = account ?? own[0];
  if (named !== undefined && !own.includes(named)) {
    throw new ViolationError([say.foreignAccount(named, settings.name, own)]);
  }
  return { region: settings.name, account: named ?? "default" };
}
