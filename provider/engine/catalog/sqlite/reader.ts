import { sql, type Kysely } from "kysely";
import type { CatalogRecord, ExportRecord, ImageRecord, ShareRecord } from "../../model";
import type { CatalogReader, Leftovers } from "../catalog";
import { isFullImageOf } from "../record-reader";
import type { Creators } from "./creators";
import { EXPORT, fromRow, IMAGE, INSTANCE, KINDS, SHARE, VOLUME, type Kind, type Stored } from "./rows";
import { runStatement } from "./statement";
import type { RecordRow, Tables } from "./tables";

/** Answers the catalogue's questions by indexed queries within one transaction. */
export class SqliteReader implements CatalogReader {
  private deadIds: Promise<number[]> | undefined;

  constructor(
    protected readonly db: Kysely<Tables>,
    protected readonly creators: Creators,
    private readonly offered: ReadonlyMap<string, ImageRecord>,
  ) {}

  async image(id: string) {
    return this.offered.get(id) ?? this.one(IMAGE, id);
  }
  instance(id: string) {
    return this.one(INSTANCE, id);
  }
  volume(id: string) {
    return this.one(VOLUME, id);
  }
  share(id: string) {
    return this.one(SHARE, id);
  }
  export(id: string) {
    return this.one(EXPORT, id);
  }

  async privateImages(region: string, account: string) {
    const rows = await (await this.privateRows(region, account)).selectAll().orderBy("sequence").execute();
    return rows.map((row) => fromRow<ImageRecord>(row));
  }

  async privateImageCount(region: string, account: string) {
    const text =
      "select count(*) as count from images where region = ? and account = ? and visibility = 'private'";
    return this.count(`${text}${await this.aliveClause()}`, [region, account]);
  }

  async snapshotCount(region: string, account: string) {
    const dead = await this.dead();
    const alive =
      dead.length > 0
        ? ` and image_id not in (select id from images where creator in (${dead.join(", ")}))`
        : "";
    // Told apart in the index's order: `count(distinct …)` would sort them again.
    const snapshots = `select distinct disk_id from disk_references where region = ? and account = ? and snapshot = 1${alive}`;
    return this.count(`select count(*) as count from (${snapshots})`, [region, account]);
  }

  async sharesOfImage(imageId: string) {
    const rows = await this.db.selectFrom("shares").selectAll().where("image_id", "=", imageId).execute();
    return inOrder<ShareRecord>(rows);
  }

  async sharesWith(region: string, memberId: string) {
    const rows = await this.db
      .selectFrom("shares")
      .selectAll()
      .where("region", "=", region)
      .where("member_id", "=", memberId)
      .execute();
    return inOrder<ShareRecord>(rows);
  }

  async runningConversions(imageId: string) {
    const rows = await (
      await this.live(IMAGE)
    )
      .selectAll()
      .where("converts" as "id", "=", imageId)
      .where("creator", "is not", null)
      .execute();
    return inOrder<ImageRecord>(rows);
  }

  async runningFullImages(instanceId: string) {
    const creating = (await this.live(IMAGE)).selectAll().where("creator", "is not", null);
    const images = inOrder<ImageRecord>(await creating.execute());
    return images.filter((image) => isFullImageOf(image, instanceId));
  }

  async runningExports(imageId: string) {
    const rows = await (
      await this.live(EXPORT)
    )
      .selectAll()
      .where("image_id" as "id", "=", imageId)
      .where("creator", "is not", null)
      .execute();
    return inOrder<ExportRecord>(rows);
  }

  async exportsTo(bucketUrl: string) {
    const rows = await (
      await this.live(EXPORT)
    )
      .selectAll()
      .where("bucket_url" as "id", "=", bucketUrl)
      .execute();
    return inOrder<ExportRecord>(rows);
  }

  imagesDeclaredBy(urn: string) {
    return this.declaredBy(IMAGE, urn);
  }
  instancesDeclaredBy(urn: string) {
    return this.declaredBy(INSTANCE, urn);
  }
  volumesDeclaredBy(urn: string) {
    return this.declaredBy(VOLUME, urn);
  }
  sharesDeclaredBy(urn: string) {
    return this.declaredBy(SHARE, urn);
  }
  exportsDeclaredBy(urn: string) {
    return this.declaredBy(EXPORT, urn);
  }

  /** As `Catalog` has it. */
  async taggedImages(
    { region, account }: { region: string; account: string },
    tags: Readonly<Record<string, string>>,
  ): Promise<ImageRecord[]> {
    let query = (await this.live(IMAGE))
      .selectAll()
      // The plus keeps SQLite from walking all of the region instead of the tagged ones.
      .where(sql`+region`, "=", region)
      .where((image) =>
        image.or([
          image("account", "=", account),
          image("id", "in", (shared) =>
            shared
              .selectFrom("shares")
              .select("image_id")
              .where("region", "=", region)
              .where("member_id", "=", account),
          ),
        ]),
      );
    for (const [key, value] of Object.entries(tags)) {
      query = query.where("id", "in", (tagged) =>
        tagged.selectFrom("image_tags").select("image_id").where("key", "=", key).where("value", "=", value),
      );
    }
    return inOrder<ImageRecord>(await query.execute());
  }

  /** All live records of a kind, oldest first. */
  async all<T extends Stored>(kind: Kind<T>): Promise<T[]> {
    return inOrder<T>(await (await this.live(kind)).selectAll().execute());
  }

  /** Whether a record with one of these creation tokens isn't marked as seen. */
  async hasUnseen(creationTokens: readonly string[]): Promise<boolean> {
    for (const kind of KINDS) {
      const unseen = await this.from(kind)
        .select("creation_token")
        .where("seen", "=", sql.lit(0))
        .where("creation_token", "is not", null)
        .where(
          "creation_token",
          "in",
          sql<string>`(select value from json_each(${JSON.stringify(creationTokens)}))`,
        )
        .limit(1)
        .execute();
      if (unseen.length > 0) return true;
    }
    return false;
  }

  async leftovers(): Promise<Leftovers> {
    const dead = await this.dead();
    const unfinished: Leftovers["unfinished"][number][] = [];
    for (const kind of [IMAGE, INSTANCE, VOLUME, EXPORT] as readonly Kind<never>[]) {
      const rows =
        dead.length === 0 ? [] : await this.from(kind).selectAll().where("creator", "in", dead).execute();
      for (const row of rows) {
        const { id, name, region, account } = fromRow<CatalogRecord & { account?: string }>(row);
        const disks = kind.disks(fromRow<never>(row)).map(({ disk_id }) => disk_id);
        unfinished.push({
          kind: kind.noun as Exclude<typeof kind.noun, "share">,
          id,
          name,
          region,
          account,
          disks,
        });
      }
    }
    return { unfinished, discarded: await this.discarded() };
  }

  async discarded(): Promise<string[]> {
    const rows = await this.db.selectFrom("discarded_disks").select("disk_id").execute();
    return rows.map((row) => row.disk_id);
  }

  protected async one<T extends Stored>(kind: Kind<T>, id: string): Promise<T | undefined> {
    const row = await this.row(kind, id);
    return row && fromRow<T>(row);
  }

  protected async row<T extends Stored>(kind: Kind<T>, id: string): Promise<RecordRow | undefined> {
    const [row] = await runStatement<RecordRow>(this.db, `select * from ${kind.table} where id = ?`, [id]);
    const isDead = row && row.creator !== null && (await this.dead()).includes(row.creator);
    return isDead ? undefined : row;
  }

  /** Asked once a transaction, and only where the answer matters. */
  protected dead(): Promise<number[]> {
    return (this.deadIds ??= this.creators.dead(this.db));
  }

  private async declaredBy<T extends Stored>(kind: Kind<T>, urn: string): Promise<T[]> {
    const text = `select * from ${kind.table} where declared_by = ?${await this.aliveClause()}`;
    return inOrder<T>(await runStatement<RecordRow>(this.db, text, [urn]));
  }

  private async count(text: string, parameters: readonly unknown[]): Promise<number> {
    const [row] = await runStatement<{ count: number }>(this.db, text, parameters);
    return row!.count;
  }

  /** For records whose creator lives, or has finished; keys of creators are numbers. */
  private async aliveClause(): Promise<string> {
    const dead = await this.dead();
    return dead.length > 0 ? ` and (creator is null or creator not in (${dead.join(", ")}))` : "";
  }

  private async privateRows(region: string, account: string) {
    return (await this.live(IMAGE))
      .where("region", "=", region)
      .where("account", "=", account)
      .where("visibility" as "id", "=", "private");
  }

  private async live<T extends Stored>(kind: Kind<T>) {
    const dead = await this.dead();
    return this.from(kind).$if(dead.length > 0, (all) =>
      all.where((row) => row.or([row("creator", "is", null), row("creator", "not in", dead)])),
    );
  }

  /** Every table of records has the columns of `instances`. */
  private from<T extends Stored>(kind: Kind<T>) {
    return this.db.selectFrom(kind.table as "instances");
  }
}

function inOrder<T extends Stored>(rows: RecordRow[]): T[] {
  return rows.sort((a, b) => a.sequence - b.sequence).map((row) => fromRow<T>(row));
}
