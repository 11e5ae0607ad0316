import type { KeyVault } from "../keys/key-vault";
import { openKeyVault } from "../keys/open-key-vault";
import { tryMakingKeys, trySealing } from "../keys/vault-probe";
import { Fault } from "../violation";
import { lookIntoBucket, tryBucket } from "./bucket-probe";
import { missingKeys } from "./region-setup";
import type { RegionSetup, StandingSetup } from "./region-setup";

/** What of a region's bucket and key service can be seen not to work, in words; nothing is written. */
export async function lookAtPlaces(standing: StandingSetup, wanted: RegionSetup): Promise<string[]> {
  const vault = openKeyVault(wanted.keys, { makesFolder: true });
  try {
    const flaws = await Promise.all([
      flawOf("disks", lookIntoBucket(wanted.disks)),
      flawOf("keys", tryStandingKey(vault, standing, wanted)),
    ]);
    return flaws.flat();
  } finally {
    await vault.close();
  }
}

/** Tries in a region's bucket and key service what its users and its operator will do. Throws the Fault of what can't be done. */
export async function tryPlaces(
  vault: KeyVault,
  standing: StandingSetup,
  wanted: RegionSetup,
): Promise<void> {
  if (missingKeys(standing, wanted).length > 0) await tryMakingKeys(vault);
  for (const { name } of wanted.regions) await tryBucket(wanted.disks, name);
}

/** By one key: all are in the same service. */
async function tryStandingKey(vault: KeyVault, { setup, sealingKeys }: StandingSetup, wanted: RegionSetup) {
  const [key] = sealingKeys;
  if (key && setup.keys === wanted.keys) await trySealing(vault, key);
  else await vault.reach();
}

async function flawOf(property: string, work: Promise<void>): Promise<string[]> {
  try {
    await work;
    return [];
  } catch (error) {
    if (Fault.is(error)) return [`${property}: ${error.message}`];
    throw error;
  }
}
