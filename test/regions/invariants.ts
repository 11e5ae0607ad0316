import { disksOf } from "../../provider/engine/catalog/disk-references";
import type { Catalog, CatalogSnapshot } from "../../provider/engine/catalog/catalog";
import type { ImageRecord, ShareRecord } from "../../provider/engine/model";
import { snapshotsOf } from "../../provider/engine/rules/quotas";
import type { TestRegion } from "../support/regions/test-region";

/** What is wrong at a moment when others may be at work: quotas, ownership, architecture, and contents of what is active. */
export async function brokenNow(region: TestRegion, catalog: Catalog): Promise<string[]> {
  const snapshot = await catalog.snapshot();
  const problems = [
    ...exceeded(snapshot, catalog),
    ...snapshot.shares.flatMap((share) => brokenShare(share, snapshot)),
    ...snapshot.images.flatMap((image) => brokenImage(image, snapshot)),
  ];
  const missing = missingContents(snapshot, new Set(await region.contents()));
  if (missing.length === 0) return problems;
  // A record may have gone between the two looks: what is missing must be named no more.
  const later = contentsNamed(await catalog.snapshot(), "active");
  const lost = missing.filter((id) => later.has(id));
  const told = lost.map(async (id) => `content ${id} is missing: ${await region.whatIsOf(id)}`);
  return [...problems, ...(await Promise.all(told))];
}

/** What is wrong when nobody is at work any more: that, and anything half-made or left over. */
export async function brokenAtRest(region: TestRegion): Promise<string[]> {
  const catalog = await region.openCatalog();
  try {
    const problems = await brokenNow(region, catalog);
    const snapshot = await catalog.snapshot();
    const named = contentsNamed(snapshot, "all");
    for (const id of await region.contents())
      if (!named.has(id)) problems.push(`nothing names content ${id}`);
    for (const name of await region.leftOver()) problems.push(`${name} is left`);
    for (const { id, status } of [...snapshot.images, ...snapshot.instances, ...snapshot.volumes]) {
      if (status === "creating") problems.push(`${id} is still being made`);
    }
    return [...problems, ...doubled(snapshot)];
  } finally {
    await catalog.close();
  }
}

function exceeded({ images, shares }: CatalogSnapshot, { regions }: Catalog): string[] {
  const problems: string[] = [];
  const limit = (what: string, used: number, places: number) => {
    if (used > places) problems.push(`${what}: ${used} of ${places}`);
  };
  for (const { name: region, accounts } of regions) {
    for (const { name: account, quotas } of accounts) {
      const own = images.filter((image) => image.region === region && image.account === account);
      const snapshots = new Set(
        own.flatMap(({ deviceMappings }) =>
          deviceMappings.flatMap(({ kind, id }) => (kind === "snapshot" ? [id] : [])),
        ),
      );
      limit(`images of ${account}`, own.length, quotas.privateImages);
      limit(`snapshots of ${account}`, snapshots.size, quotas.snapshots);
      const taken = shares.filter((share) => share.region === region && share.memberId === account);
      limit(`shares with ${account}`, taken.length, quotas.acceptedShares);
      for (const { id } of own) {
        const members = shares.filter(({ imageId }) => imageId === id);
        limit(`members of ${id}`, members.length, quotas.membersPerImage);
      }
    }
  }
  return problems;
}

function brokenShare({ id, imageId, memberId, account }: ShareRecord, { images }: CatalogSnapshot): string[] {
  const image = images.find((candidate) => candidate.id === imageId);
  if (!image) return [`share ${id} is of image ${imageId}, which is gone`];
  const wrong = [
    image.account !== account && "isn't the owner's",
    memberId === account && "is with its owner",
    image.encrypted && "is of an encrypted image",
    image.imageType === "full" && "is of a full image",
  ].filter(Boolean);
  return wrong.map((what) => `share ${id} ${what}`);
}

function brokenImage(image: ImageRecord, { images }: CatalogSnapshot): string[] {
  if (image.visibility !== "private") return [];
  const problems: string[] = [];
  const [architecture] = image.architectures;
  if (image.architectures.length !== 1) problems.push(`${image.id} has no single architecture`);
  const cloudDisk = architecture === "cloudDisk";
  if (cloudDisk && snapshotsOf(image) !== image.deviceMappings.length) {
    problems.push(`${image.id} is cloudDisk and has an image file`);
  }
  const source = images.find(({ id }) => id === image.source?.id);
  if (image.source?.conversion && !cloudDisk) problems.push(`${image.id} is a conversion and not cloudDisk`);
  if (source && !image.source?.conversion && architecture !== source.architectures[0]) {
    problems.push(`${image.id} hasn't inherited its source's architecture`);
  }
  if (image.status === "active" && image.deviceMappings.length === 0)
    problems.push(`${image.id} has no device`);
  if (image.encrypted !== (image.wrappedKey !== undefined) && image.status === "active") {
    problems.push(`${image.id} is encrypted ${image.encrypted} and has ${image.wrappedKey ? "a" : "no"} key`);
  }
  return problems;
}

/** Two things of one declaration, of which no state can know but one. */
function doubled({ images, instances, volumes, shares }: CatalogSnapshot): string[] {
  const seen = new Set<string>();
  return [...images, ...instances, ...volumes, ...shares].flatMap(({ id, origin }) => {
    if (!origin) return [];
    if (seen.has(origin.declaredBy)) return [`${id} is a second one of ${origin.declaredBy}`];
    seen.add(origin.declaredBy);
    return [];
  });
}

function missingContents(snapshot: CatalogSnapshot, present: ReadonlySet<string>): string[] {
  return [...contentsNamed(snapshot, "active")].filter((id) => !present.has(id));
}

function contentsNamed(snapshot: CatalogSnapshot, which: "active" | "all"): Set<string> {
  const is = ({ status }: { status: string }) => which === "all" || status !== "creating";
  return new Set([
    ...snapshot.images
      .filter(({ visibility }) => visibility === "private")
      .filter(is)
      .flatMap(disksOf.image),
    ...snapshot.instances.filter(is).flatMap(disksOf.instance),
    ...snapshot.volumes.filter(is).flatMap(disksOf.volume),
  ]);
}
