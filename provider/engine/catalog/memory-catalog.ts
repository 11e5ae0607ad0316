import type { CatalogRecord, ImageRecord, Kind, Kinds } from "../model";
import { Fault } from "../violation";
import type {
  Catalog,
  CatalogSnapshot,
  CatalogTransaction,
  CatalogView,
  ImageCriteria,
  Leftovers,
  New,
  Viewer,
} from "./catalog";
import { DEFAULT_SETTINGS, type CatalogSettings } from "./catalog-settings";
import { disksOf } from "./disk-references";
import { MemoryTable, type StagedTable } from "./memory-tables";
import { Mutex } from "./mutex";
import { ofEachKind } from "./of-each-kind";
import { thisProcess, type ProcessMark } from "./process-mark";
import { offeredOf, RecordReader, type Records } from "./record-reader";

type Committed = { [K in Kind]: MemoryTable<Kinds[K]> };
type Staged = { [K in Kind]: StagedTable<Kinds[K]> };
type Readable = { [K in Kind]: Pick<MemoryTable<Kinds[K]>, "get" | "live"> };

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
  readonly offeredImages: Catalog["offeredImages"];
  private readonly offered: ReadonlyMap<string, ImageRecord>;

  constructor(
    private readonly settings: CatalogSettings = DEFAULT_SETTINGS,
    private readonly owner: ProcessMark = thisProcess(),
    private readonly shared: Shared = {
      tables: {
        image: new MemoryTable("image"),
        instance: new MemoryTable("instance"),
        volume: new MemoryTable("volume"),
        share: new MemoryTable("share"),
        export: new MemoryTable("export"),
      },
      discarded: new Set(),
      sequence: 0,
      mutex: new Mutex(),
    },
  ) {
    this.regions = settings.regions;
    this.offeredImages = settings.offeredImages;
    this.offered = new Map(settings.offeredImages.map((image) => [image.id, image]));
  }

  /** The same catalogue as another process would have it open. */
  openedBy(owner: ProcessMark): MemoryCatalog {
    return new MemoryCatalog(this.settings, owner, this.shared);
  }

  read<T>(work: (view: CatalogView) => Promise<T>): Promise<T> {
    const { tables, mutex } = this.shared;
    return mutex.run(() => work(new RecordReader(recordsIn(tables, this.offered))));
  }

  async snapshot(): Promise<CatalogSnapshot> {
    const records = recordsIn(this.shared.tables, this.offered);
    const { images, ...rest } = await ofEachKind((kind) => [...records.all(kind)]);
    return { images: [...this.offeredImages, ...images], ...rest };
  }

  async findImages(
    { region, account }: Viewer,
    { name, tags = {} }: ImageCriteria,
  ): Promise<readonly ImageRecord[]> {
    const { tables } = this.shared;
    const shared = new Set<string>();
    for (const share of tables.share.live()) {
      if (share.region === region && share.memberId === account) shared.add(share.imageId);
    }
    const wanted = Object.entries(tags);
    return [...tables.image.live()].filter(
      (image) =>
        image.region === region &&
        (image.account === account || shared.has(image.id)) &&
        (name === undefined || image.name === name) &&
        wanted.every(([key, value]) => image.tags[key] === value),
    );
  }

  transaction<T>(work: (tx: CatalogTransaction) => Promise<T>): Promise<T> {
    return this.shared.mutex.run(async () => {
      const { tables } = this.shared;
      const staged: Staged = {
        image: tables.image.stage(),
        instance: tables.instance.stage(),
        volume: tables.volume.stage(),
        share: tables.share.stage(),
        export: tables.export.stage(),
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
      tables.export.sweep();
      const freed = [
        ...tables.image.sweep().flatMap(disksOf.image),
        ...tables.instance.sweep().flatMap(disksOf.instance),
        ...tables.volume.sweep().flatMap(disksOf.volume),
      ];
      for (const id of unreferenced(freed, tables)) discarded.add(id);
      return [...discarded];
    });
  }

  async leftovers(): Promise<Leftovers> {
    const { tables, discarded } = this.shared;
    const unfinished = [
      ...[...tables.image.dead()].map((image) => unfinishedOf("image", image, disksOf.image(image))),
      ...[...tables.instance.dead()].map((one) => unfinishedOf("instance", one, disksOf.instance(one))),
      ...[...tables.volume.dead()].map((volume) => unfinishedOf("volume", volume, disksOf.volume(volume))),
      ...[...tables.export.dead()].map((one) => unfinishedOf("export", one, [])),
    ];
    return { unfinished, discarded: [...discarded] };
  }

  async forgetDiscarded(ids: readonly string[]): Promise<void> {
    for (const id of ids) this.shared.discarded.delete(id);
  }

  async markSeen(creationTokens: readonly string[]): Promise<void> {
    const tokens = new Set(creationTokens);
    await this.transaction(async (tx) => {
      for (const kind of Object.keys(this.shared.tables) as Kind[]) {
        for (const { id, origin } of this.declared(kind, tokens)) {
          await tx.update(kind, id, { origin: { ...origin, seen: true } });
        }
      }
    });
  }

  async close(): Promise<void> {}

  private declared(kind: Kind, tokens: ReadonlySet<string>) {
    return [...this.shared.tables[kind].live()].flatMap(({ id, origin }) =>
      origin && tokens.has(origin.creationToken) ? [{ id, origin }] : [],
    );
  }
}

class MemoryTransaction extends RecordReader implements CatalogTransaction {
  readonly discarded: string[] = [];

  constructor(
    private readonly tables: Staged,
    offered: ReadonlyMap<string, ImageRecord>,
    private readonly owner: ProcessMark,
    private readonly nextSequence: () => number,
  ) {
    super(recordsIn(tables, offered));
  }

  async insert<K extends Kind>(kind: K, record: New<Kinds[K]>): Promise<Kinds[K]> {
    if (kind === "share") this.requireImage(record as New<Kinds["share"]>);
    const dated = { ...record, createdAt: new Date().toISOString(), sequence: this.nextSequence() };
    return this.table(kind).insert(dated as unknown as Kinds[K], this.owner);
  }

  async update<K extends Kind>(kind: K, id: string, changes: Partial<Kinds[K]>): Promise<Kinds[K]> {
    return this.table(kind).update(id, changes, this.owner);
  }

  async delete(kind: Kind, id: string): Promise<void> {
    const shares = kind === "image" ? await this.sharesOfImage(id) : [];
    for (const share of shares) this.tables.share.delete(share.id);
    this.tables[kind].delete(id);
  }

  async discardDisks(ids: readonly string[]) {
    const free = unreferenced(ids, this.tables);
    this.discarded.push(...free);
    return free;
  }

  private table<K extends Kind>(kind: K): StagedTable<Kinds[K]> {
    return this.tables[kind] as unknown as StagedTable<Kinds[K]>;
  }

  private requireImage({ id, imageId }: New<Kinds["share"]>): void {
    if (this.tables.image.get(imageId)) return;
    throw new Fault(`Recording share ${id}`, { says: `there is no image ${imageId}` });
  }
}

function recordsIn(tables: Readable, offered: ReadonlyMap<string, ImageRecord>): Records {
  return {
    get: <K extends Kind>(kind: K, id: string) => offeredOf(offered, kind, id) ?? tables[kind].get(id),
    all: (kind) => tables[kind].live(),
  };
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
    ...[...tables.image.all()].flatMap(disksOf.image),
    ...[...tables.instance.all()].flatMap(disksOf.instance),
    ...[...tables.volume.all()].flatMap(disksOf.volume),
  ]);
  return [...new Set(ids)].filter((id) => !referenced.has(id));
}
