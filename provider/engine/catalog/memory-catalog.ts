import type {
  CatalogRecord,
  ExportRecord,
  ImageRecord,
  InstanceRecord,
  ShareRecord,
  VolumeRecord,
} from "../model";
import { Fault } from "../violation";
import type { Catalog, CatalogSnapshot, CatalogTransaction, Leftovers } from "./catalog";
import { DEFAULT_SETTINGS, type CatalogSettings } from "./catalog-settings";
import { disksOf } from "./disk-references";
import { MemoryTable, type StagedTable } from "./memory-tables";
import { Mutex } from "./mutex";
import { thisProcess, type ProcessMark } from "./process-mark";
import { RecordReader } from "./record-reader";

type New<T> = Omit<T, "createdAt" | "sequence">;

interface Committed {
  images: MemoryTable<ImageRecord>;
  instances: MemoryTable<InstanceRecord>;
  volumes: MemoryTable<VolumeRecord>;
  shares: MemoryTable<ShareRecord>;
  exports: MemoryTable<ExportRecord>;
}

interface Staged {
  images: StagedTable<ImageRecord>;
  instances: StagedTable<InstanceRecord>;
  volumes: StagedTable<VolumeRecord>;
  shares: StagedTable<ShareRecord>;
  exports: StagedTable<ExportRecord>;
}

interface Shared {
  tables: Committed;
  /** Contents that no record names and that may not be removed yet. */
  discarded: Set<string>;
  sequence: number;
  mutex: Mutex;
}

/** A catalogue that lives as long as its process. */
export class MemoryCatalog implements Catalog {
  readonly regions: Catalog["regions"];
  private readonly offered: Map<string, ImageRecord>;

  constructor(
    private readonly settings: CatalogSettings = DEFAULT_SETTINGS,
    private readonly owner: ProcessMark = thisProcess(),
    private readonly shared: Shared = {
      tables: {
        images: new MemoryTable<ImageRecord>("image"),
        instances: new MemoryTable<InstanceRecord>("instance"),
        volumes: new MemoryTable<VolumeRecord>("volume"),
        shares: new MemoryTable<ShareRecord>("share"),
        exports: new MemoryTable<ExportRecord>("export"),
      },
      discarded: new Set(),
      sequence: 0,
      mutex: new Mutex(),
    },
  ) {
    this.regions = settings.regions;
    this.offered = new Map(settings.offeredImages.map((image) => [image.id, image]));
  }

  /** The same catalogue as another process would have it open. */
  openedBy(owner: ProcessMark): MemoryCatalog {
    return new MemoryCatalog(this.settings, owner, this.shared);
  }

  async snapshot(): Promise<CatalogSnapshot> {
    const { images, instances, volumes, shares, exports } = this.shared.tables;
    return {
      images: [...this.offered.values(), ...images.live()],
      instances: [...instances.live()],
      volumes: [...volumes.live()],
      shares: [...shares.live()],
      exports: [...exports.live()],
    };
  }

  async taggedImages(
    { region, account }: { region: string; account: string },
    tags: Readonly<Record<string, string>>,
  ): Promise<readonly ImageRecord[]> {
    const { images, shares } = this.shared.tables;
    const shared = new Set<string>();
    for (const share of shares.live()) {
      if (share.region === region && share.memberId === account) shared.add(share.imageId);
    }
    const wanted = Object.entries(tags);
    return [...images.live()].filter(
      (image) =>
        image.region === region &&
        (image.account === account || shared.has(image.id)) &&
        wanted.every(([key, value]) => image.tags[key] === value),
    );
  }

  transaction<T>(work: (tx: CatalogTransaction) => Promise<T>): Promise<T> {
    return this.shared.mutex.run(async () => {
      const { tables } = this.shared;
      const staged: Staged = {
        images: tables.images.stage(),
        instances: tables.instances.stage(),
        volumes: tables.volumes.stage(),
        shares: tables.shares.stage(),
        exports: tables.exports.stage(),
      };
      // A sequence number once given isn't given again, even where the transaction is rolled back.
      const transaction = new MemoryTransaction(
        staged,
        this.offered,
        this.owner,
        () => ++this.shared.sequence,
      );
      const result = await work(transaction);
      for (const table of Object.values(staged)) table.commit();
      for (const id of transaction.discarded) this.shared.discarded.add(id);
      return result;
    });
  }

  async sweep(): Promise<string[]> {
    return this.shared.mutex.run(async () => {
      const { tables, discarded } = this.shared;
      const { images, instances, volumes, exports } = tables;
      exports.sweep();
      const freed = [
        ...images.sweep().flatMap(disksOf.image),
        ...instances.sweep().flatMap(disksOf.instance),
        ...volumes.sweep().flatMap(disksOf.volume),
      ];
      for (const id of unreferenced(freed, tables)) discarded.add(id);
      return [...discarded];
    });
  }

  async leftovers(): Promise<Leftovers> {
    const { tables, discarded } = this.shared;
    const { images, instances, volumes, exports } = tables;
    const unfinished = [
      ...[...images.dead()].map((image) => unfinishedOf("image", image, disksOf.image(image))),
      ...[...instances.dead()].map((one) => unfinishedOf("instance", one, disksOf.instance(one))),
      ...[...volumes.dead()].map((volume) => unfinishedOf("volume", volume, disksOf.volume(volume))),
      ...[...exports.dead()].map((one) => unfinishedOf("export", one, [])),
    ];
    return { unfinished, discarded: [...discarded] };
  }

  async forgetDiscarded(ids: readonly string[]): Promise<void> {
    for (const id of ids) this.shared.discarded.delete(id);
  }

  async markSeen(creationTokens: readonly string[]): Promise<void> {
    const tokens = new Set(creationTokens);
    await this.transaction(async (tx) => {
      for (const { id, origin } of this.declared("images", tokens)) {
        await tx.updateImage(id, { origin: { ...origin, seen: true } });
      }
      for (const { id, origin } of this.declared("instances", tokens)) {
        await tx.updateInstance(id, { origin: { ...origin, seen: true } });
      }
      for (const { id, origin } of this.declared("volumes", tokens)) {
        await tx.updateVolume(id, { origin: { ...origin, seen: true } });
      }
      for (const { id, origin } of this.declared("shares", tokens)) {
        await tx.updateShare(id, { origin: { ...origin, seen: true } });
      }
      for (const { id, origin } of this.declared("exports", tokens)) {
        await tx.updateExport(id, { origin: { ...origin, seen: true } });
      }
    });
  }

  async close(): Promise<void> {}

  private declared(table: keyof Committed, tokens: ReadonlySet<string>) {
    return [...this.shared.tables[table].live()].flatMap(({ id, origin }) =>
      origin && tokens.has(origin.creationToken) ? [{ id, origin }] : [],
    );
  }
}

class MemoryTransaction extends RecordReader implements CatalogTransaction {
  readonly discarded: string[] = [];

  constructor(
    private readonly tables: Staged,
    private readonly offered: ReadonlyMap<string, ImageRecord>,
    private readonly owner: ProcessMark,
    private readonly nextSequence: () => number,
  ) {
    super({
      image: (id) => offered.get(id) ?? tables.images.get(id),
      instance: (id) => tables.instances.get(id),
      volume: (id) => tables.volumes.get(id),
      share: (id) => tables.shares.get(id),
      export: (id) => tables.exports.get(id),
      images: () => tables.images.live(),
      instances: () => tables.instances.live(),
      volumes: () => tables.volumes.live(),
      shares: () => tables.shares.live(),
      exports: () => tables.exports.live(),
    });
  }

  async insertImage(record: New<ImageRecord>) {
    return this.tables.images.insert(this.dated<ImageRecord>(record), this.owner);
  }
  async insertInstance(record: New<InstanceRecord>) {
    return this.tables.instances.insert(this.dated<InstanceRecord>(record), this.owner);
  }
  async insertVolume(record: New<VolumeRecord>) {
    return this.tables.volumes.insert(this.dated<VolumeRecord>(record), this.owner);
  }
  async insertShare(record: New<ShareRecord>) {
    if (!this.tables.images.get(record.imageId)) {
      throw new Fault(`Recording share ${record.id}`, { says: `there is no image ${record.imageId}` });
    }
    return this.tables.shares.insert(this.dated<ShareRecord>(record), this.owner);
  }
  async insertExport(record: New<ExportRecord>) {
    return this.tables.exports.insert(this.dated<ExportRecord>(record), this.owner);
  }

  async updateImage(id: string, changes: Partial<ImageRecord>) {
    return this.tables.images.update(id, changes, this.owner);
  }
  async updateInstance(id: string, changes: Partial<InstanceRecord>) {
    return this.tables.instances.update(id, changes, this.owner);
  }
  async updateVolume(id: string, changes: Partial<VolumeRecord>) {
    return this.tables.volumes.update(id, changes, this.owner);
  }
  async updateShare(id: string, changes: Partial<ShareRecord>) {
    return this.tables.shares.update(id, changes, this.owner);
  }
  async updateExport(id: string, changes: Partial<ExportRecord>) {
    return this.tables.exports.update(id, changes, this.owner);
  }

  async deleteImage(id: string) {
    for (const share of await this.sharesOfImage(id)) this.tables.shares.delete(share.id);
    this.tables.images.delete(id);
  }
  async deleteInstance(id: string) {
    this.tables.instances.delete(id);
  }
  async deleteVolume(id: string) {
    this.tables.volumes.delete(id);
  }
  async deleteShare(id: string) {
    this.tables.shares.delete(id);
  }
  async deleteExport(id: string) {
    this.tables.exports.delete(id);
  }

  async discardDisks(ids: readonly string[]) {
    const free = unreferenced(ids, this.tables);
    this.discarded.push(...free);
    return free;
  }

  private dated<T extends { createdAt: string; sequence: number }>(record: New<T>): T {
    return { ...record, createdAt: new Date().toISOString(), sequence: this.nextSequence() } as T;
  }
}

function unfinishedOf(
  kind: Leftovers["unfinished"][number]["kind"],
  { id, name, region, account }: CatalogRecord & { account?: string },
  disks: string[],
): Leftovers["unfinished"][number] {
  return { kind, id, name, region, account, disks };
}

/** What a dead creation names counts as referenced until it is swept. */
function unreferenced(ids: readonly string[], tables: Committed | Staged): string[] {
  const referenced = new Set<string>([
    ...[...tables.images.all()].flatMap(disksOf.image),
    ...[...tables.instances.all()].flatMap(disksOf.instance),
    ...[...tables.volumes.all()].flatMap(disksOf.volume),
  ]);
  return [...new Set(ids)].filter((id) => !referenced.has(id));
}
