import type {
  CatalogRecord,
  ExportRecord,
  ImageRecord,
  InstanceRecord,
  Kind,
  Kinds,
  ShareRecord,
  VolumeRecord,
} from "../model";
import type { CatalogSnapshot, CatalogView, PlacesTaken } from "./catalog";

/** The live records that a reader looks through, in order of creation. */
export interface Records {
  image(id: string): ImageRecord | undefined;
  instance(id: string): InstanceRecord | undefined;
  volume(id: string): VolumeRecord | undefined;
  share(id: string): ShareRecord | undefined;
  export(id: string): ExportRecord | undefined;
  images(): Iterable<ImageRecord>;
  instances(): Iterable<InstanceRecord>;
  volumes(): Iterable<VolumeRecord>;
  shares(): Iterable<ShareRecord>;
  exports(): Iterable<ExportRecord>;
}

/** Where nothing was ever recorded. */
export function noRecords(offered: ReadonlyMap<string, ImageRecord>): Records {
  const none = () => undefined;
  const nothing = () => [];
  return {
    ...{ image: (id) => offered.get(id), instance: none, volume: none, share: none, export: none },
    ...{ images: nothing, instances: nothing, volumes: nothing, shares: nothing, exports: nothing },
  };
}

/** Answers the catalogue's questions by looking through records in memory. */
export class RecordReader implements CatalogView {
  constructor(private readonly records: Records) {}

  async image(id: string) {
    return this.records.image(id);
  }
  async instance(id: string) {
    return this.records.instance(id);
  }
  async volume(id: string) {
    return this.records.volume(id);
  }
  async share(id: string) {
    return this.records.share(id);
  }
  async export(id: string) {
    return this.records.export(id);
  }
  async privateImages(region: string, account: string) {
    return select(this.records.images(), (image) => isPrivateOf(image, region, account));
  }
  async privateImageCount(region: string, account: string) {
    return (await this.privateImages(region, account)).length;
  }
  async snapshotCount(region: string, account: string) {
    return countSnapshots(await this.privateImages(region, account));
  }
  async sharesOfImage(imageId: string) {
    return select(this.records.shares(), (share) => share.imageId === imageId);
  }
  async sharesWith(region: string, memberId: string) {
    return select(this.records.shares(), (share) => share.region === region && share.memberId === memberId);
  }
  async acceptedShareCount(region: string, memberId: string) {
    return (await this.sharesWith(region, memberId)).length;
  }
  async runningConversions(imageId: string) {
    return select(this.records.images(), (image) => isRunningConversionOf(image, imageId));
  }
  async runningFullImages(instanceId: string) {
    return select(
      this.records.images(),
      (image) => image.status === "creating" && isFullImageOf(image, instanceId),
    );
  }
  async runningExports(imageId: string) {
    return select(this.records.exports(), (each) => each.imageId === imageId && each.status === "creating");
  }
  /** Everything is seen. */
  async isExportOfAnother() {
    return false;
  }
  async exportsTo(bucketUrl: string) {
    return select(this.records.exports(), (each) => each.bucketUrl === bucketUrl);
  }
  async imagesDeclaredBy(urn: string) {
    return select(this.records.images(), (record) => record.origin?.declaredBy === urn);
  }
  async instancesDeclaredBy(urn: string) {
    return select(this.records.instances(), (record) => record.origin?.declaredBy === urn);
  }
  async volumesDeclaredBy(urn: string) {
    return select(this.records.volumes(), (record) => record.origin?.declaredBy === urn);
  }
  async sharesDeclaredBy(urn: string) {
    return select(this.records.shares(), (record) => record.origin?.declaredBy === urn);
  }
  async exportsDeclaredBy(urn: string) {
    return select(this.records.exports(), (record) => record.origin?.declaredBy === urn);
  }

  async withToken<K extends Kind>(kind: K, creationToken: string) {
    for (const record of this.all(kind)) if (record.origin?.creationToken === creationToken) return record;
    return undefined;
  }
  async declaredIn(stack: string): Promise<CatalogSnapshot> {
    const isOfStack = ({ origin }: Pick<CatalogRecord, "origin">) =>
      origin !== undefined && origin.declaredBy.startsWith(`${stack}::`);
    return {
      images: select(this.records.images(), isOfStack),
      instances: select(this.records.instances(), isOfStack),
      volumes: select(this.records.volumes(), isOfStack),
      shares: select(this.records.shares(), isOfStack),
      exports: select(this.records.exports(), isOfStack),
    };
  }
  async imagesHolding(snapshotId: string) {
    return select(this.records.images(), ({ deviceMappings }) =>
      deviceMappings.some(({ id, kind }) => kind === "snapshot" && id === snapshotId),
    );
  }
  async placesTaken(): Promise<PlacesTaken[]> {
    const places = new Map<string, { region: string; account: string }>();
    for (const { region, account, visibility } of this.records.images()) {
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

  private all<K extends Kind>(kind: K): Iterable<Kinds[K]> {
    return this.records[`${kind}s`]() as Iterable<Kinds[Kind]> as Iterable<Kinds[K]>;
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

function select<T extends { sequence: number }>(all: Iterable<T>, wanted: (item: T) => boolean): T[] {
  const found: T[] = [];
  for (const item of all) if (wanted(item)) found.push(item);
  return found.sort((a, b) => a.sequence - b.sequence);
}
