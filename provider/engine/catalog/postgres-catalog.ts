import type { ImageRecord } from "../model";
import { Fault } from "../violation";
import type {
  Catalog,
  CatalogSnapshot,
  CatalogTransaction,
  CatalogView,
  ImageCriteria,
  Leftovers,
  Viewer,
} from "./catalog";
import type { CatalogSettings } from "./catalog-settings";
import { ofEachKind } from "./of-each-kind";
import { Creators } from "./postgres/creators";
import type { PostgresDatabase } from "./postgres/database";
import { isRefusal } from "./postgres/failures";
import { PostgresReader } from "./postgres/reader";
import { PostgresTransaction } from "./postgres/transaction";
import { thisProcess, type ProcessMark } from "./process-mark";

/** So often a transaction is judged again on fresh facts where the database's own rules refuse it. */
const ATTEMPTS = 4;

export interface PostgresCatalogOptions {
  /** Default: this process. */
  owner?: ProcessMark;
}

/**
 * A catalogue in a database that many hosts and logins share. Each sees what its accounts may see, and every rule is
 * kept by the database too: what the engine judged on facts that have changed meanwhile, it judges again.
 */
export class PostgresCatalog implements Catalog {
  readonly regions: Catalog["regions"];
  readonly offeredImages: Catalog["offeredImages"];
  private readonly offered: ReadonlyMap<string, ImageRecord>;
  private readonly creators: Creators;

  /** The database is closed with the catalogue. */
  constructor(
    private readonly database: PostgresDatabase,
    settings: CatalogSettings,
    { owner = thisProcess() }: PostgresCatalogOptions = {},
  ) {
    this.regions = settings.regions;
    this.offeredImages = settings.offeredImages;
    this.offered = new Map(settings.offeredImages.map((image) => [image.id, image]));
    this.creators = new Creators(database, owner);
  }

  read<T>(work: (view: CatalogView) => Promise<T>): Promise<T> {
    return this.reading(work);
  }

  snapshot(): Promise<CatalogSnapshot> {
    return this.reading(async (reader) => {
      const { images, ...rest } = await ofEachKind((kind) => reader.all(kind));
      return { images: [...this.offeredImages, ...images], ...rest };
    });
  }

  findImages(viewer: Viewer, wanted: ImageCriteria): Promise<readonly ImageRecord[]> {
    return this.reading((reader) => reader.findImages(viewer, wanted));
  }

  async transaction<T>(work: (tx: CatalogTransaction) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.write(work);
      } catch (error) {
        if (!isRefusal(error)) throw error;
        if (error.constraint === "not-your-process") this.creators.forgotten();
        if (attempt === ATTEMPTS) throw refused(error);
        // The places of processes that died since are freed by this.
        await this.sweepRecords();
      }
    }
  }

  async sweep(): Promise<string[]> {
    await this.sweepRecords();
    return this.reading((reader) => reader.discarded());
  }

  leftovers(): Promise<Leftovers> {
    return this.reading((reader) => reader.leftovers());
  }

  async forgetDiscarded(ids: readonly string[]): Promise<void> {
    if (ids.length > 0) await this.database.call("forget_contents", ids);
  }

  async markSeen(creationTokens: readonly string[]): Promise<void> {
    if (creationTokens.length > 0) await this.database.call("mark_seen", creationTokens);
  }

  async close(): Promise<void> {
    await this.creators.leave();
    await this.database.close();
  }

  private async sweepRecords(): Promise<void> {
    const dead = await this.creators.dead(this.database);
    if (dead.length > 0) await this.database.call("sweep", dead);
  }

  private reading<T>(work: (reader: PostgresReader) => Promise<T>): Promise<T> {
    return this.database.transaction(
      (session) => work(new PostgresReader(session, this.creators, this.offered)),
      { readOnly: true },
    );
  }

  private async write<T>(work: (tx: CatalogTransaction) => Promise<T>): Promise<T> {
    const { result, creator } = await this.database.transaction(async (session) => {
      const tx = new PostgresTransaction(session, this.creators, this.offered);
      return { result: await work(tx), creator: tx.creator };
    });
    if (creator !== undefined) this.creators.recorded(creator);
    return result;
  }
}

/** What the engine's own rules don't word: a rule of the database that they know nothing of. */
function refused(error: Error): Fault {
  if (Fault.is(error.cause)) return error.cause;
  return new Fault("Writing the catalogue", {
    says: `the region's database refuses it: ${error.message}`,
    left: "Nothing of this step was recorded. Run again; if it stays so, update the package, or ask the operator",
    cause: error,
  });
}
