import type { CatalogRecord, ExportRecord, ImageRecord, ShareRecord } from "../../model";
import type { CatalogReader, Leftovers } from "../catalog";
import { isFullImageOf } from "../record-reader";
import {
  EXPORT,
  fromRow,
  IMAGE,
  INSTANCE,
  SHARE,
  VOLUME,
  type Kind,
  type RecordRow,
  type Stored,
} from "./rows";

/**
 * Answers the catalogue's questions by indexed queries within one transaction. Each is written out: to build and
 * compile one takes longer than a database does to run it.
 */
export abstract class SqlReader implements CatalogReader {
  private deadIds: Promise<readonly number[]> | undefined;

  constructor(private readonly offered: ReadonlyMap<string, ImageRecord>) {}

  /** Runs a statement that has `?` for each parameter. */
  protected abstract select<Row>(text: string, parameters?: readonly unknown[]): Promise<Row[]>;

  /** What records of a kind are selected from, under the name of their table. */
  protected from(kind: Kind<never>): string {
    return kind.table;
  }

  /** Keys of processes that have died with creations unfinished. */
  protected abstract findDead(): Promise<readonly number[]>;

  /** Contents that no record names and that may not be removed yet. */
  abstract discarded(): Promise<string[]>;

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

  privateImages(region: string, account: string) {
    return this.live(IMAGE, "region = ? and account = ? and visibility = 'private'", [region, account]);
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
    return this.count(`select count(*) as count from (${snapshots}) as snapshots`, [region, account]);
  }

  async sharesOfImage(imageId: string) {
    return inOrder<ShareRecord>(await this.select("select * from shares where image_id = ?", [imageId]));
  }

  async sharesWith(region: string, memberId: string) {
    const text = "select * from shares where region = ? and member_id = ?";
    return inOrder<ShareRecord>(await this.select(text, [region, memberId]));
  }

  acceptedShareCount(region: string, memberId: string) {
    const text = "select count(*) as count from shares where region = ? and member_id = ?";
    return this.count(text, [region, memberId]);
  }

  runningConversions(imageId: string) {
    return this.live(IMAGE, "converts = ? and creator is not null", [imageId]);
  }

  async runningFullImages(instanceId: string) {
    const images = await this.live(IMAGE, "creator is not null");
    return images.filter((image) => isFullImageOf(image, instanceId));
  }

  runningExports(imageId: string) {
    return this.live(EXPORT, "image_id = ? and creator is not null", [imageId]);
  }

  exportsTo(bucketUrl: string): Promise<ExportRecord[]> {
    return this.live(EXPORT, "bucket_url = ?", [bucketUrl]);
  }

  imagesDeclaredBy(urn: string) {
    return this.live(IMAGE, "declared_by = ?", [urn]);
  }
  instancesDeclaredBy(urn: string) {
    return this.live(INSTANCE, "declared_by = ?", [urn]);
  }
  volumesDeclaredBy(urn: string) {
    return this.live(VOLUME, "declared_by = ?", [urn]);
  }
  sharesDeclaredBy(urn: string) {
    return this.live(SHARE, "declared_by = ?", [urn]);
  }
  exportsDeclaredBy(urn: string) {
    return this.live(EXPORT, "declared_by = ?", [urn]);
  }

  /** As `Catalog` has it. */
  async taggedImages(
    { region, account }: { region: string; account: string },
    tags: Readonly<Record<string, string>>,
  ): Promise<ImageRecord[]> {
    const [first, ...others] = Object.entries(tags);
    const tagged = "select image_id from image_tags where key = ? and value = ?";
    // SQLite goes through a cross join in the order written: the tagged ones first, not all of the region.
    const text = `select images.* from image_tags as tag cross join ${this.from(IMAGE)}
      where tag.key = ? and tag.value = ? and images.id = tag.image_id and images.region = ?
      and (images.account = ?
        or images.id in (select image_id from shares where region = ? and member_id = ?))
      ${others.map(() => `and images.id in (${tagged})`).join(" ")}`;
    const parameters = [...first!, region, account, region, account, ...others.flat()];
    return inOrder(await this.alive(await this.select<RecordRow>(text, parameters)));
  }

  /** All live records of a kind, oldest first. */
  all<T extends Stored>(kind: Kind<T>): Promise<T[]> {
    return this.live(kind, "true");
  }

  async leftovers(): Promise<Leftovers> {
    const dead = await this.dead();
    const unfinished: Leftovers["unfinished"][number][] = [];
    for (const kind of [IMAGE, INSTANCE, VOLUME, EXPORT] as readonly Kind<never>[]) {
      const text = `select * from ${this.from(kind)} where creator in (${dead.join(", ")})`;
      const rows = dead.length === 0 ? [] : await this.select<RecordRow>(text);
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

  protected async one<T extends Stored>(kind: Kind<T>, id: string): Promise<T | undefined> {
    const row = await this.row(kind, id);
    return row && fromRow<T>(row);
  }

  protected async row<T extends Stored>(kind: Kind<T>, id: string): Promise<RecordRow | undefined> {
    const rows = await this.select<RecordRow>(`select * from ${this.from(kind)} where id = ?`, [id]);
    return (await this.alive(rows))[0];
  }

  /** Asked once a transaction, and only where the answer matters. */
  protected dead(): Promise<readonly number[]> {
    return (this.deadIds ??= this.findDead());
  }

  /** Records whose creator lives, or has finished, oldest first. */
  private async live<T extends Stored>(
    kind: Kind<T>,
    condition: string,
    parameters: readonly unknown[] = [],
  ): Promise<T[]> {
    const text = `select * from ${this.from(kind)} where ${condition}`;
    return inOrder<T>(await this.alive(await this.select<RecordRow>(text, parameters)));
  }

  private async alive(rows: RecordRow[]): Promise<RecordRow[]> {
    if (rows.every(({ creator }) => creator === null)) return rows;
    const dead = await this.dead();
    return rows.filter(({ creator }) => creator === null || !dead.includes(creator));
  }

  private async count(text: string, parameters: readonly unknown[]): Promise<number> {
    const [row] = await this.select<{ count: number }>(text, parameters);
    return row!.count;
  }

  /** Keys of creators are numbers. */
  private async aliveClause(): Promise<string> {
    const dead = await this.dead();
    return dead.length > 0 ? ` and (creator is null or creator not in (${dead.join(", ")}))` : "";
  }
}

export function inOrder<T extends Stored>(rows: RecordRow[]): T[] {
  return rows.sort((a, b) => a.sequence - b.sequence).map((row) => fromRow<T>(row));
}
