import type { CatalogRecord, ImageRecord, Kind, Kinds } from "../model";
import type { CatalogSnapshot, CatalogView, PlacesTaken } from "./catalog";
import { ofEachKind } from "./of-each-kind";

/** The live records that a reader looks through. */
export interface Records {
  get<K extends Kind>(kind: K, id: string): Kinds[K] | undefined;
  all<K extends Kind>(kind: K): Iterable<Kinds[K]>;
}

/** Where nothing was ever recorded. */
export function noRecords(offered: ReadonlyMap<string, ImageRecord>): Records {
  return {
    get: <K extends Kind>(kind: K, id: string) => offeredOf(offered, kind, id),
    all: () => [],
  };
}

/** What a region offers are images. */
export function offeredOf<K extends Kind>(
  offered: ReadonlyMap<string, ImageRecord>,
  kind: K,
  id: string,
): Kinds[K] | undefined {
  return kind === "image" ? (offered.get(id) as Kinds[K] | undefined) : undefined;
}

/** Answers the catalogue's questions by looking through records in memory. */
export class RecordReader implements CatalogView {
  constructor(private readonly records: Records) {}

  async get<K extends Kind>(kind: K, id: string) {
    return this.records.get(kind, id);
  }
  async declaredBy<K extends Kind>(kind: K, urn: string) {
    return this.select(kind, ({ origin }) => origin?.declaredBy === urn);
  }
  async privateImages(region: string, account: string) {
    return this.select("image", (image) => isPrivateOf(image, region, account));
  }
  async privateImageCount(region: string, account: string) {
    return (await this.privateImages(region, account)).length;
  }
  async snapshotCount(region: string, account: string) {
    return countSnapshots(await this.privateImages(region, account));
  }
  async sharesOfImage(imageId: string) {
    return this.select("share", (share) => share.imageId === imageId);
  }
  async sharesWith(region: string, memberId: string) {
    return this.select("share", (share) => share.region === region && share.memberId === memberId);
  }
  async acceptedShareCount(region: string, memberId: string) {
    return (await this.sharesWith(region, memberId)).length;
  }
  async runningConversions(imageId: string) {
    return this.select("image", (image) => isRunningConversionOf(image, imageId));
  }
  async runningFullImages(instanceId: string) {
    return this.select("image", (image) => image.status === "creating" && isFullImageOf(image, instanceId));
  }
  async runningExports(imageId: string) {
    return this.select("export", (each) => each.imageId === imageId && each.status === "creating");
  }
  /** Everything is seen. */
  async otherExporter() {
    return undefined;
  }
  async exportsTo(bucketUrl: string) {
    return this.select("export", (each) => each.bucketUrl === bucketUrl);
  }
  async withToken<K extends Kind>(kind: K, creationToken: string) {
    for (const record of this.records.all(kind))
      if (record.origin?.creationToken === creationToken) return record;
    return undefined;
  }
  declaredIn(stack: string): Promise<CatalogSnapshot> {
    const isOfStack = ({ origin }: Pick<CatalogRecord, "origin">) =>
      origin !== undefined && origin.declaredBy.startsWith(`${stack}::`);
    return ofEachKind((kind) => this.select(kind, isOfStack));
  }
  async imagesHolding(snapshotId: string) {
    return this.select("image", ({ deviceMappings }) =>
      deviceMappings.some(({ id, kind }) => kind === "snapshot" && id === snapshotId),
    );
  }
  async placesTaken(): Promise<PlacesTaken[]> {
    const places = new Map<string, { region: string; account: string }>();
    for (const { region, account, visibility } of this.records.all("image")) {
      if (visibility === "private" && account !== undefined) {
        places.set(JSON.stringify([region, account]), { region, account });
      }
    }
    return Promise.all(
      [...places.values()].map(async ({ region, account }) => ({
        ...{ region, account },
        privateImages: await this.privateImageCount(region, account),
        snapshots: await this.snapshotCount(region, account),
      })),
    );
  }

  /** In order of creation. */
  private select<K extends Kind>(kind: K, wanted: (record: Kinds[K]) => boolean): Kinds[K][] {
    const found: Kinds[K][] = [];
    for (const record of this.records.all(kind)) if (wanted(record)) found.push(record);
    return found.sort((a, b) => a.sequence - b.sequence);
  }
}

export function isPrivateOf(image: ImageRecord, region: string, account: string): boolean {
  return image.visibility === "private" && image.region === region && image.account === account;
}

export function isRunningConversionOf(image: ImageRecord, imageId: string): boolean {
  return image.status === "creating" && image.source?.conversion === true && image.source.id === imageId;
}

export function isFullImageOf({ imageType, source }: ImageRecord, instanceId: string): boolean {
  return imageType === "full" && source?.type === "instance" && source.id === instanceId;
}

/** A snapshot that several images hold counts once. */
export function countSnapshots(images: Iterable<ImageRecord>): number {
  const ids = new Set<string>();
  for (const image of images) {
    for (const mapping of image.deviceMappings) if (mapping.kind === "snapshot") ids.add(mapping.id);
  }
  return ids.size;
}
