import { isSameOwner } from "../keys/key-service";
import type { KeyOwner, KeyRole } from "../keys/key-service";
import type { ImageRecord, Quotas } from "../model";
import { DEFAULT_QUOTAS } from "../model";
import type { TeamFileSettings } from "./team-file";

/** A team's region as its operator sets it up: what a file says, or what was applied of one. */
export interface RegionSetup {
  disks: string;
  keys: string;
  /** The first is the default one. */
  regions: readonly RegionPart[];
}

export interface RegionPart {
  name: string;
  /** The first is the default one. */
  accounts: readonly AccountSetup[];
  offered: readonly ImageRecord[];
}

export interface AccountSetup {
  name: string;
  /** The database role whose members the account is. */
  role: string;
  quotas: Quotas;
  /** Of what is wanted: its default key is made with the one that seals its disks. */
  defaultKey?: boolean;
}

/** A key that an account is to have, and what for. */
export interface WantedKey extends KeyOwner {
  role: KeyRole;
}

/** What stands already. */
export interface StandingSetup {
  /** 0: no region was ever applied to the database. */
  schemaVersion: number;
  setup: Omit<RegionSetup, "disks" | "keys"> & Partial<RegionSetup>;
  /** What accounts hold, in words ("3 images, 1 instance"); those that hold nothing are left out. */
  holdings: readonly { region: string; account: string; holds: string }[];
  /** Contents are in the bucket. */
  hasDisks: boolean;
  /** Keys by which something is sealed, or may be: those that seal disks seal none before the first. */
  hasKeys: boolean;
  /** Contents of offered images that aren't whole: their disk files are to be sent. */
  lacking: readonly string[];
  /** Keys that seal accounts' disks. */
  sealingKeys: readonly (KeyOwner & { id: string; version: number })[];
  /** Accounts that have a default key. */
  defaultKeys: readonly KeyOwner[];
  /** Of the roles that accounts are to have, those that the server has. */
  roles: ReadonlySet<string>;
}

/** Keys that accounts are to have and haven't: users then needn't be allowed to make them. */
export function missingKeys(
  { setup, sealingKeys, defaultKeys }: StandingSetup,
  wanted: RegionSetup,
): WantedKey[] {
  const isSame = setup.keys === wanted.keys;
  const has = (keys: readonly KeyOwner[], owner: KeyOwner) =>
    isSame && keys.some((key) => isSameOwner(key, owner));
  return wanted.regions.flatMap(({ name: region, accounts }) =>
    accounts.flatMap(({ name: account, defaultKey }): WantedKey[] => {
      const owner = { region, account };
      return [
        ...(has(sealingKeys, owner) ? [] : [{ ...owner, role: "sealing" as const }]),
        ...(!defaultKey || has(defaultKeys, owner) ? [] : [{ ...owner, role: "default" as const }]),
      ];
    }),
  );
}

export const QUOTAS = Object.keys(DEFAULT_QUOTAS) as (keyof Quotas)[];

/** `offered`: the file's offered images, with the IDs that their contents have in the bucket. */
export function setupOf(file: TeamFileSettings, offered: readonly ImageRecord[]): RegionSetup {
  return {
    disks: file.disks,
    keys: file.keys,
    regions: file.regions.map(({ name, accounts }) => ({
      name,
      accounts: accounts.map((account) => ({
        name: account.name,
        role: account.role ?? account.name,
        quotas: account.quotas,
        ...(account.defaultKey && { defaultKey: true }),
      })),
      offered: offered.filter(({ region }) => region === name).map(asKept),
    })),
  };
}

/** As a database gives it back: without fields that have no value. */
function asKept(image: ImageRecord): ImageRecord {
  return JSON.parse(JSON.stringify(image)) as ImageRecord;
}
