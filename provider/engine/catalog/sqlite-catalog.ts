import { existsSync } from "node:fs";
import type { Kysely } from "kysely";
import type { ImageRecord } from "../model";
import type {
  Catalog,
  CatalogSnapshot,
  CatalogTransaction,
  CatalogView,
  ImageCriteria,
  Leftovers,
  Viewer,
} from "./catalog";
import { DEFAULT_SETTINGS, type CatalogSettings } from "./catalog-settings";
import { ofEachKind } from "./of-each-kind";
import { thisProcess, type ProcessMark } from "./process-mark";
import { noRecords, RecordReader } from "./record-reader";
import { BUSY_TIMEOUT_MS, whileBusy } from "./sqlite/busy";
import { Creators } from "./sqlite/creators";
import { openDatabase } from "./sqlite/database";
import { asFault } from "./sqlite/faults";
import { GroupCommit } from "./sqlite/group-commit";
import { SqliteReader } from "./sqlite/reader";
import type { Tables } from "./sqlite/tables";
import { SqliteTransaction } from "./sqlite/transaction";

const HEARTBEAT_MS = 15_000;

export interface SqliteCatalogOptions {
  /** Default: this process. */
  owner?: ProcessMark;
  /** How long another process may hold the lock before a step fails. Default 30 s. */
  busyTimeoutMs?: number;
}

/**
 * A catalogue in one SQLite file, shared by any number of processes of a host. The file is made at the first
 * write: reading where there is none answers with what the settings offer.
 */
export class SqliteCatalog implements Catalog {
  readonly regions: Catalog["regions"];
  readonly offeredImages: Catalog["offeredImages"];
  private readonly offered: ReadonlyMap<string, ImageRecord>;
  private readonly creators: Creators;
  private readonly commits = new GroupCommit(() => this.open());
  private database: Promise<Kysely<Tables>> | undefined;
  private heartbeat: NodeJS.Timeout | undefined;

  constructor(
    private readonly file: string,
    settings: CatalogSettings = DEFAULT_SETTINGS,
    private readonly options: SqliteCatalogOptions = {},
  ) {
    this.regions = settings.regions;
    this.offeredImages = settings.offeredImages;
    this.offered = new Map(settings.offeredImages.map((image) => [image.id, image]));
    this.creators = new Creators(options.owner ?? thisProcess());
  }

  read<T>(work: (view: CatalogView) => Promise<T>): Promise<T> {
    return this.guard("Reading", () =>
      this.exists() ? this.reading(work) : work(new RecordReader(noRecords(this.offered))),
    );
  }

  snapshot(): Promise<CatalogSnapshot> {
    return this.guard("Reading", async () => {
      const recorded = this.exists()
        ? this.reading((reader) => ofEachKind((kind) => reader.all(kind)))
        : ofEachKind(() => []);
      const { images, ...rest } = await recorded;
      return { images: [...this.offeredImages, ...images], ...rest };
    });
  }

  findImages(viewer: Viewer, wanted: ImageCriteria): Promise<readonly ImageRecord[]> {
    return this.guard("Reading", async () =>
      this.exists() ? this.reading((reader) => reader.findImages(viewer, wanted)) : [],
    );
  }

  transaction<T>(work: (tx: CatalogTransaction) => Promise<T>): Promise<T> {
    return this.write(work);
  }

  async sweep(): Promise<string[]> {
    if (!this.exists()) return [];
    const dead = await this.guard("Reading", async () => this.creators.dead(await this.open()));
    if (dead.length > 0) await this.write((tx) => tx.sweep());
    return this.guard("Reading", () => this.reading((reader) => reader.discarded()));
  }

  leftovers(): Promise<Leftovers> {
    return this.guard("Reading", async () =>
      this.exists() ? this.reading((reader) => reader.leftovers()) : { unfinished: [], discarded: [] },
    );
  }

  async forgetDiscarded(ids: readonly string[]): Promise<void> {
    if (ids.length > 0) await this.write((tx) => tx.forgetDiscarded(ids));
  }

  async markSeen(creationTokens: readonly string[]): Promise<void> {
    if (!this.exists()) return;
    const unseen = await this.guard("Reading", () =>
      this.reading((reader) => reader.hasUnseen(creationTokens)),
    );
    if (unseen) await this.write((tx) => tx.markSeen(creationTokens));
  }

  async close(): Promise<void> {
    clearInterval(this.heartbeat);
    const database = await this.database?.catch(() => undefined);
    this.database = undefined;
    if (!database) return;
    // What can't be written now is taken for dead by the next process.
    await database
      .transaction()
      .execute((tx) => this.creators.leave(tx))
      .catch(() => undefined);
    await database.destroy();
  }

  private get busyTimeoutMs(): number {
    return this.options.busyTimeoutMs ?? BUSY_TIMEOUT_MS;
  }

  private exists(): boolean {
    return this.database !== undefined || existsSync(this.file);
  }

  private open(): Promise<Kysely<Tables>> {
    this.database ??= openDatabase(this.file, this.busyTimeoutMs).catch((error) => {
      this.database = undefined;
      throw error;
    });
    return this.database;
  }

  private async reading<T>(work: (reader: SqliteReader) => Promise<T>): Promise<T> {
    const db = await this.open();
    return whileBusy(
      () =>
        db
          .transaction()
          .setAccessMode("read only")
          .execute((tx) => work(new SqliteReader(tx, this.creators, this.offered))),
      this.busyTimeoutMs,
    );
  }

  private write<T>(work: (tx: SqliteTransaction) => Promise<T>): Promise<T> {
    return this.guard("Writing", async () => {
      const result = await this.commits.run((tx) =>
        work(new SqliteTransaction(tx, this.creators, this.offered)).catch((error) => {
          this.creators.changed(tx);
          throw error;
        }),
      );
      this.startHeartbeat();
      return result;
    });
  }

  /** Lets other hosts see that this process lives while a long creation runs. */
  private startHeartbeat(): void {
    this.heartbeat ??= setInterval(() => {
      this.commits.run((tx) => this.creators.beat(tx)).catch(() => undefined);
    }, HEARTBEAT_MS).unref();
  }

  /** SQLite's errors become faults in the user's words; what `work` throws itself goes through. */
  private async guard<T>(verb: "Reading" | "Writing", work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw asFault(error, verb, this.file, this.busyTimeoutMs);
    }
  }
}
