import { isDeepStrictEqual } from "node:util";
import type { ImageRecord } from "../model";
import { OPERATOR } from "../keys/key-service";
import { missingKeys, QUOTAS } from "./region-setup";
import type { AccountSetup, RegionPart, RegionSetup, StandingSetup } from "./region-setup";

export interface RegionChange {
  op: "create" | "update" | "delete";
  /** "account web in region north". */
  what: string;
  /** How it changes, or what it is made with; in words. */
  details: string[];
}

export interface RegionChanges {
  changes: RegionChange[];
  /** What can't be done, and what to do instead; nothing is changed then. */
  refusals: string[];
}

/** What would have to be done for a region to be as wanted. `schemaVersion`: of the schema that this program has. */
export function regionChanges(
  standing: StandingSetup,
  wanted: RegionSetup,
  schemaVersion: number,
): RegionChanges {
  const newer = standing.schemaVersion > schemaVersion;
  if (newer) return { changes: [], refusals: [newerSchema(standing.schemaVersion, schemaVersion)] };
  const { setup } = standing;
  return {
    changes: [
      ...schemaChange(standing.schemaVersion, schemaVersion),
      ...placeChange("disks", setup.disks, wanted.disks),
      ...placeChange("keys", setup.keys, wanted.keys),
      ...orderChange("The order of regions", setup.regions, wanted.regions),
      ...inBoth(setup.regions, wanted.regions).flatMap(([before, after]) =>
        partChanges(before, after, new Set(standing.lacking)),
      ),
      ...newKeys(standing, wanted),
      ...newRoles(standing, wanted),
    ],
    refusals: [
      ...movedPlaces(standing, wanted),
      ...goneAccounts(standing, wanted),
      ...goneRegions(standing, wanted),
    ],
  };
}

function newerSchema(standing: number, own: number): string {
  return (
    `The region's schema is version ${standing}, and this program knows versions up to ${own}. ` +
    "Use the version of pulumi-private-images that applied it, or a later one."
  );
}

function schemaChange(from: number, to: number): RegionChange[] {
  if (from === to) return [];
  if (from === 0) return [{ op: "create", what: "schema images", details: [`version ${to}`] }];
  return [{ op: "update", what: "schema images", details: [`version ${from} → ${to}`] }];
}

function placeChange(what: string, from: string | undefined, to: string): RegionChange[] {
  if (from === to) return [];
  if (from === undefined) return [{ op: "create", what, details: [to] }];
  return [{ op: "update", what, details: [`${from} → ${to}`] }];
}

function movedPlaces({ setup, hasDisks, hasKeys }: StandingSetup, { disks, keys }: RegionSetup): string[] {
  const refusals: string[] = [];
  if (setup.disks !== undefined && setup.disks !== disks && hasDisks) {
    refusals.push(
      `disks: the region's disks are in ${setup.disks}, and applying moves none. ` +
        `Keep that, or set up another region in ${disks} and take this one's contents there.`,
    );
  }
  if (setup.keys !== undefined && setup.keys !== keys && hasKeys) {
    refusals.push(
      `keys: the region's master keys are in ${setup.keys}, and no key leaves its service. Keep that, ` +
        "or set up another region and copy to it.",
    );
  }
  return refusals;
}

function goneAccounts({ setup, holdings }: StandingSetup, wanted: RegionSetup): string[] {
  return setup.regions.flatMap(({ name, accounts }) => {
    const kept = wanted.regions.find((region) => region.name === name)?.accounts ?? [];
    return accounts.flatMap((account) => {
      if (kept.some((each) => each.name === account.name)) return [];
      const held = holdings.find((each) => each.region === name && each.account === account.name);
      if (!held) return [];
      return [
        `accounts: account ${account.name} of region ${name} has ${held.holds}. ` +
          "Keep it in the file, or have all of that deleted first.",
      ];
    });
  });
}

/** The disks of images that a region offered, and the key that seals them, are the operator's own account's. */
function goneRegions({ setup, holdings }: StandingSetup, wanted: RegionSetup): string[] {
  return setup.regions.flatMap(({ name }) => {
    const stays = wanted.regions.some((region) => region.name === name);
    const held = holdings.find(({ region, account }) => region === name && account === OPERATOR);
    return stays || !held
      ? []
      : [`region: region ${name} has ${held.holds} for the images that it offers. Keep it in the file.`];
  });
}

function partChanges(
  before: RegionPart | undefined,
  after: RegionPart | undefined,
  lacking: ReadonlySet<string>,
): RegionChange[] {
  const name = (after ?? before)!.name;
  const own: RegionChange[] = [];
  if (!before) own.push({ op: "create", what: `region ${name}`, details: [] });
  if (!after) own.push({ op: "delete", what: `region ${name}`, details: [] });
  const accounts = inBoth(before?.accounts ?? [], after?.accounts ?? []);
  const offered = inBoth(before?.offered ?? [], after?.offered ?? [], ({ id }) => id);
  return [
    ...own,
    ...(before && after
      ? orderChange(`The order of accounts in region ${name}`, before.accounts, after.accounts)
      : []),
    ...accounts.flatMap(([from, to]) => accountChange(name, from, to)),
    ...offered.flatMap(([from, to]) => offeredChange(from, to, lacking)),
  ];
}

function accountChange(
  region: string,
  before: AccountSetup | undefined,
  after: AccountSetup | undefined,
): RegionChange[] {
  const what = `account ${(after ?? before)!.name} in region ${region}`;
  if (!after) return [{ op: "delete", what, details: [] }];
  if (!before) {
    const quotas = QUOTAS.map((quota) => `${quota} ${after.quotas[quota]}`);
    return [{ op: "create", what, details: [`role ${after.role}`, ...quotas] }];
  }
  const details = QUOTAS.flatMap((quota) => {
    const [from, to] = [before.quotas[quota], after.quotas[quota]];
    return from === to ? [] : [`${quota} ${from} → ${to}`];
  });
  if (before.role !== after.role) details.unshift(`role ${before.role} → ${after.role}`);
  return details.length === 0 ? [] : [{ op: "update", what, details }];
}

function offeredChange(
  before: ImageRecord | undefined,
  after: ImageRecord | undefined,
  lacking: ReadonlySet<string>,
): RegionChange[] {
  const image = (after ?? before)!;
  const what = `${image.visibility} image ${image.id} (${image.name})`;
  if (!after) return [{ op: "delete", what, details: [] }];
  if (!before) return [{ op: "create", what, details: [diskOf(after)] }];
  const fields = [...new Set([...Object.keys(before), ...Object.keys(after)])] as (keyof ImageRecord)[];
  const changed = fields.filter((field) => !isDeepStrictEqual(before[field], after[field]));
  const isDisk =
    changed.some((field) => field === "deviceMappings" || field === "standIn") ||
    (!after.standIn && after.deviceMappings.some(({ id }) => lacking.has(id)));
  if (changed.length === 0 && !isDisk) return [];
  const others = changed.filter((field) => field !== "deviceMappings" && field !== "standIn");
  return [{ op: "update", what, details: [...others, ...(isDisk ? [diskOf(after)] : [])] }];
}

/** All that is said of an offered image without a disk file. */
export const STAND_IN = "a blank stand-in for its disk";

function diskOf({ standIn, deviceMappings }: ImageRecord): string {
  return standIn ? STAND_IN : `its disk file, ${deviceMappings[0]?.size} GiB`;
}

function newKeys(standing: StandingSetup, wanted: RegionSetup): RegionChange[] {
  return missingKeys(standing, wanted).map(({ region, account, role }) => ({
    op: "create",
    what: `${role} key of account ${account} in region ${region}`,
    details: [],
  }));
}

function newRoles({ roles }: StandingSetup, { regions }: RegionSetup): RegionChange[] {
  const wanted = new Set(regions.flatMap(({ accounts }) => accounts.map(({ role }) => role)));
  return [...wanted]
    .filter((role) => !roles.has(role))
    .map((role) => ({
      op: "create",
      what: `database role ${role}`,
      details: [`without a login: grant "${role}" to those of its users`],
    }));
}

/** The first is the default: who is first counts. */
function orderChange(
  what: string,
  before: readonly { name: string }[],
  after: readonly { name: string }[],
): RegionChange[] {
  const common = (these: readonly { name: string }[], those: readonly { name: string }[]) =>
    these.map(({ name }) => name).filter((name) => those.some((other) => other.name === name));
  const [from, to] = [common(before, after), common(after, before)];
  if (isDeepStrictEqual(from, to)) return [];
  return [{ op: "update", what, details: [`${from.join(", ")} → ${to.join(", ")}`] }];
}

/** Pairs of the same key, in the order wanted; what goes comes last. */
function inBoth<T>(
  before: readonly T[],
  after: readonly T[],
  keyOf: (each: T) => string = (each) => (each as { name: string }).name,
): [T | undefined, T | undefined][] {
  const find = (among: readonly T[], key: string) => among.find((each) => keyOf(each) === key);
  return [
    ...after.map((each): [T | undefined, T] => [find(before, keyOf(each)), each]),
    ...before.filter((each) => !find(after, keyOf(each))).map((each): [T, undefined] => [each, undefined]),
  ];
}
