import { AppliedSetup } from "../catalog/postgres/applied-setup";
import { SCHEMA_VERSION } from "../catalog/postgres/schema/schema";
import { offeredInBucket } from "./offered-disks";
import type { OfferedDisk } from "./offered-disks";
import { regionChanges } from "./region-changes";
import type { RegionChanges } from "./region-changes";
import { lookAtPlaces } from "./region-probe";
import { setupOf } from "./region-setup";
import type { RegionSetup, StandingSetup } from "./region-setup";
import { readTeamFile } from "./team-file";

/** What applying the operator's file to its region comes to. */
export interface PlannedApplication extends RegionChanges {
  /** The database's URL, without what is secret. */
  described: string;
  wanted: RegionSetup;
  standing: StandingSetup;
  /** Registered disk files. */
  disks: OfferedDisk[];
  /** Of the operator's login; it may hold a password. */
  endpoint: string;
}

/** Reads the file and what stands, and looks at the bucket and the key service; changes nothing. Throws ViolationError for a wrong file, or a Fault. */
export async function planApplication(path: string): Promise<PlannedApplication> {
  const file = await readTeamFile(path);
  const { offered, disks } = await offeredInBucket(file);
  const wanted = setupOf(file, offered);
  const database = new AppliedSetup(file.catalog);
  try {
    const roles = wanted.regions.flatMap(({ accounts }) => accounts.map(({ role }) => role));
    const standing = await database.read(roles);
    const { changes, refusals } = regionChanges(standing, wanted, SCHEMA_VERSION);
    if (refusals.length === 0) refusals.push(...(await lookAtPlaces(standing, wanted)));
    const { described } = database.address;
    return { changes, refusals, described, wanted, standing, disks, endpoint: file.catalog };
  } finally {
    await database.close();
  }
}
