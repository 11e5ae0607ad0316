import { resolve } from "node:path";
import { PUBLIC_IMAGES, type OfferedImage } from "../catalog/offered-images";
import { inspectForeignFile } from "../disks/foreign/inspect";
import { ViolationError } from "../violation";
import type { ImageEntry, RegionDocument } from "./region-file-schema";
import type { Path } from "./region-problems";

/** An image that a region offers, and where the operator's file says so. */
export interface OfferedEntry {
  image: OfferedImage;
  /** The operator chose its ID. */
  ownId: boolean;
  /** Empty for what only the public catalogue says. */
  path: Path;
}

type Entry = ImageEntry & { publisher?: string };
type Refuse = (path: Path, reason: string) => void;

/** GiB: the public catalogue's own choice, for entries that say nothing. */
const DEFAULT_MIN_DISK = { linux: 20, windows: 40 };

/** The public catalogue with what the operator registers and adds, then the marketplace. */
export async function offeredImages(
  content: RegionDocument,
  folder: string,
  refuse: Refuse,
): Promise<OfferedEntry[]> {
  const images = new Map<string, OfferedEntry>(
    PUBLIC_IMAGES.map((image) => [image.name, { image, ownId: false, path: [] }]),
  );
  for (const { entry, visibility, path } of entriesOf(content)) {
    const listed = PUBLIC_IMAGES.find((image) => image.id === entry.id || image.name === entry.name);
    const name = entry.name ?? listed?.name;
    if (name === undefined) {
      refuse(
        path,
        entry.id ? `there is no public image ${entry.id}; give a name to add one` : "name is missing",
      );
      continue;
    }
    if (
      listed &&
      (visibility === "marketplace" || name !== listed.name || (entry.id ?? listed.id) !== listed.id)
    ) {
      refuse(
        path,
        `${listed.id}, ${JSON.stringify(listed.name)}, is of the public catalogue and keeps ID and name`,
      );
      continue;
    }
    const previous = images.get(name);
    if (previous && previous.path.length > 0) refuse(path, `an image ${JSON.stringify(name)} stands already`);
    const diskFile = entry.diskFile
      ? await registered(entry.diskFile, folder, [...path, "diskFile"], refuse)
      : undefined;
    images.set(name, {
      image: { ...merged(entry, visibility, name, listed), diskFile },
      ownId: Boolean(entry.id) && !listed,
      path,
    });
  }
  return [...images.values()];
}

function entriesOf({ publicImages, marketplaceImages }: RegionDocument) {
  const all: { entry: Entry; visibility: OfferedImage["visibility"]; path: Path }[] = [];
  for (const [index, entry] of (publicImages ?? []).entries()) {
    all.push({ entry, visibility: "public", path: ["publicImages", index] });
  }
  for (const [index, entry] of (marketplaceImages ?? []).entries()) {
    all.push({ entry, visibility: "marketplace", path: ["marketplaceImages", index] });
  }
  return all;
}

function merged(
  entry: Entry,
  visibility: OfferedImage["visibility"],
  name: string,
  listed: OfferedImage | undefined,
): OfferedImage {
  const osType = entry.osType ?? listed?.osType ?? "linux";
  const publisher = entry.publisher && `Published by ${entry.publisher}.`;
  return {
    id: entry.id ?? listed?.id ?? `img-${visibility === "public" ? "pub" : "mkt"}-${slug(name)}`,
    name,
    visibility,
    description: [entry.description, publisher].filter(Boolean).join(" ") || listed?.description,
    osType,
    osName: entry.osName ?? listed?.osName,
    osVersion: entry.osVersion ?? listed?.osVersion,
    cpuArchitecture: entry.cpuArchitecture ?? listed?.cpuArchitecture ?? "x86_64",
    minDisk: entry.minDisk ?? listed?.minDisk ?? DEFAULT_MIN_DISK[osType === "windows" ? "windows" : "linux"],
  };
}

async function registered(
  diskFile: string,
  folder: string,
  at: Path,
  refuse: Refuse,
): Promise<{ path: string; bytes: number } | undefined> {
  const path = resolve(folder, diskFile);
  try {
    return { path, bytes: (await inspectForeignFile({ path, format: "raw", property: "diskFile" })).bytes };
  } catch (error) {
    if (!ViolationError.is(error)) throw error;
    for (const { reason } of error.violations) refuse(at, reason.replace(/\.$/, ""));
    return undefined;
  }
}

function slug(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
}
