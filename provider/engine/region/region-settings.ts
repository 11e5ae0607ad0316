import type { Document } from "yaml";
import type { AccountSettings, RegionSettings } from "../catalog/catalog";
import type { CatalogSettings } from "../catalog/catalog-settings";
import { offeredContentId, offeredRecord } from "../catalog/offered-images";
import type { ExternalContents } from "../disks/external-contents";
import { DEFAULT_QUOTAS, type ImageRecord, type Quotas } from "../model";
import { offeredImages, type OfferedEntry } from "./offered-entries";
import type { AccountEntry, RegionDocument } from "./region-file-schema";
import type { RegionProblems } from "./region-problems";

interface RegionWithRoles extends RegionSettings {
  /** `role` and `defaultKey`: as the file of a team's region states them. */
  accounts: readonly (AccountSettings & { role?: string; defaultKey?: boolean })[];
}

/** What the operator's file says, in the words of the ports. */
export interface RegionFileSettings extends CatalogSettings {
  regions: readonly RegionWithRoles[];
  /** Where the disk store finds the contents of offered images. */
  external: ExternalContents;
}

/** One document of the file. */
export interface RegionInFile {
  document: Document;
  content: RegionDocument;
}

const GIB = 2 ** 30;
const DEFAULT_REGION = "local";
const DEFAULT_ACCOUNT = "default";

/** Turns valid documents into settings; what contradicts between entries, or can't be found, goes to `problems`. */
export async function settingsOf(
  regions: readonly RegionInFile[],
  folder: string,
  problems: RegionProblems,
): Promise<RegionFileSettings> {
  const settings: Omit<RegionFileSettings, "external">[] = [];
  const external = new Map<string, { path?: string; virtualBytes: number }>();
  const names = new Set<string>();
  const ids = new Set<string>();
  for (const [index, { document, content }] of regions.entries()) {
    const name = content.region ?? DEFAULT_REGION;
    if (names.has(name))
      problems.add(document, [], `the region ${name} stands in an earlier document`, "region");
    names.add(name);
    const offered = await offeredImages(content, folder, (path, reason) =>
      problems.add(document, path, reason),
    );
    const records: ImageRecord[] = [];
    for (const entry of offered) {
      const own = { ...entry.image, id: regionalId(entry, index === 0 ? undefined : name) };
      if (ids.has(own.id))
        problems.add(document, entry.path, `the ID ${own.id} stands for another image already`);
      ids.add(own.id);
      const record = offeredRecord(name, own);
      records.push(record);
      external.set(offeredContentId(own), {
        path: own.diskFile?.path,
        virtualBytes: own.diskFile?.bytes ?? record.minDisk * GIB,
      });
    }
    settings.push({
      regions: [{ name, accounts: accountsOf({ document, content }, problems) }],
      offeredImages: records,
    });
  }
  return {
    regions: settings.flatMap((each) => each.regions),
    offeredImages: settings.flatMap((each) => each.offeredImages),
    external: (id) => external.get(id),
  };
}

/** IDs are one space over all regions: the first region keeps the catalogue's own, the others add their name. */
function regionalId({ image, ownId }: OfferedEntry, region: string | undefined): string {
  return region === undefined || ownId ? image.id : `${image.id}.${region}`;
}

function accountsOf({ document, content }: RegionInFile, problems: RegionProblems) {
  const entries = content.accounts ?? [{ name: DEFAULT_ACCOUNT }];
  const names = new Set<string>();
  return entries.map(({ name, quotas, role, defaultKey = content.defaultKey }: AccountEntry, index) => {
    if (names.has(name)) {
      problems.add(document, ["accounts", index, "name"], `the account ${name} stands twice`);
    }
    names.add(name);
    return {
      name,
      quotas: { ...DEFAULT_QUOTAS, ...given(content.quotas), ...given(quotas) },
      ...(role ? { role } : {}),
      ...(defaultKey ? { defaultKey } : {}),
    };
  });
}

function given(quotas: Partial<Quotas> | null | undefined): Partial<Quotas> {
  return Object.fromEntries(Object.entries(quotas ?? {}).filter(([, value]) => value !== null));
}
