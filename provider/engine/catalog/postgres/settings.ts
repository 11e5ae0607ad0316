import { Fault } from "../../violation";
import { DEFAULT_QUOTAS, type ImageRecord, type Quotas } from "../../model";
import type { AccountSettings } from "../catalog";
import type { CatalogSettings } from "../catalog-settings";
import type { PostgresDatabase } from "./database";
import { SCHEMA_VERSION } from "./schema/schema";

/** A team's region as its operator applied it, and as the login sees it. */
export interface TeamSettings extends CatalogSettings {
  /** URL of the bucket of its disks. */
  disks: string;
  /** URL of its key service. */
  keys: string;
}

/** What the database answers. */
interface Answer {
  schemaVersion: number;
  disks: string | null;
  keys: string | null;
  regions: RegionAnswer[];
  offeredImages: ImageRecord[];
}

interface RegionAnswer {
  name: string;
  accounts: { name: string; own: boolean; quotas: Quotas }[];
  /** Lines of a name and how many shares it accepts. */
  others: string;
}

/**
 * Reads what the endpoint serves. The login's own accounts come first, and so do regions where it has one. Throws a
 * Fault where there is no region, none for the login, or one of another version.
 */
export async function readSettings(database: PostgresDatabase): Promise<TeamSettings> {
  const settings = await database.call<Answer>("settings");
  const { schemaVersion, disks, keys, regions, offeredImages } = settings;
  const opening = `Opening the region ${database.address.described}`;
  if (schemaVersion < SCHEMA_VERSION) {
    throw new Fault(opening, {
      says: `its schema has version ${schemaVersion}, and this version of pulumi-private-images needs ${SCHEMA_VERSION}`,
      left: "Ask the operator to run: images region apply",
    });
  }
  // The operator brings the schema forward first, and clients of the version before go on.
  if (schemaVersion > SCHEMA_VERSION + 1) {
    throw new Fault(opening, {
      says: `its schema has version ${schemaVersion}, and this version of pulumi-private-images knows ${SCHEMA_VERSION}`,
      left: "Update the package to use this region",
    });
  }
  if (disks === null || keys === null) {
    throw new Fault(opening, {
      says: "the database is prepared, and no region has been applied to it",
      left: "Ask the operator to run: images region apply",
    });
  }
  const isOwn = ({ accounts }: Answer["regions"][0]) => accounts.some(({ own }) => own);
  if (!regions.some(isOwn)) {
    const { user } = database.address;
    throw new Fault(opening, {
      says: `login ${user} is no account of it`,
      left: `Ask the operator to grant it the database role of one: grant "ROLE" to "${user}"`,
    });
  }
  const settled = regions.map((region) => ({ name: region.name, accounts: accountsOf(region) }));
  const served = [...settled].sort((a, b) => Number(isForeign(a)) - Number(isForeign(b)));
  return { regions: served, offeredImages, disks, keys };
}

/** One's own come first. */
function accountsOf({ accounts, others }: RegionAnswer): AccountSettings[] {
  const told = accounts.map(({ name, own, quotas }) => ({ name, quotas, ...(!own && { foreign: true }) }));
  const foreign = (others.match(/.+/g) ?? []).map((line) => {
    const [name = "", acceptedShares] = line.split(" ");
    return { name, quotas: { ...DEFAULT_QUOTAS, acceptedShares: Number(acceptedShares) }, foreign: true };
  });
  return [...told.filter((each) => !each.foreign), ...told.filter((each) => each.foreign), ...foreign];
}

function isForeign({ accounts }: { accounts: readonly { foreign?: boolean }[] }): boolean {
  return accounts.every(({ foreign }) => foreign);
}
