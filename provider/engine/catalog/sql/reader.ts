import type { ExportFormat, ImageRecord, Kind, Kinds } from "../../model";
import type { Place } from "../../scope";
import type { CatalogSnapshot, CatalogView, ImageCriteria, Leftovers, PlacesTaken, Viewer } from "../catalog";
import { ofEachKind } from "../of-each-kind";
import { isFullImageOf, offeredOf } from "../record-reader";
import { disksIn, fromRow, LAYOUT, type RecordRow } from "./rows";

/** Of the places that an account has taken, those that its own records hold. */
export type HeldPlaces = Pick<PlacesTaken, "privateImages" | "snapshots">;

interface LeftPlaces {
  region: string;
  account: string;
  of: keyof HeldPlaces;
  count: number;
}

/** SQL that is true of what is looked for, with its parameters. */
type Condition = readonly [text: string, ...parameters: string[]];

const TAGGED = "tag.image_id = images.id and tag.key = ? and tag.value = ?";
const LENT = `share.image_id = images.id and share.region = ? and share.member_id = ?
  and images.region = share.region`;

/**
 * Answers the catalogue's questions by indexed queries within one transaction. Each is written out: to build and
 * compile one takes longer than a database does to run it.
 */
export abstract class SqlReader implements CatalogView {
  private deadIds: Promise<readonly number[]> | undefined;

  constructor(private readonly offered: ReadonlyMap<string, ImageRecord>) {}

  /** Runs a statement that has `?` for each parameter. */
  protected abstract select<Row>(text: string, parameters?: readonly unknown[]): Promise<Row[]>;

  /** Where the name of an image stands, by which it is found. */
  protected abstract readonly imageName: string;

  /** What records of a kind are selected from, under the name of their table. */
  protected from(kind: Kind): string {
    return LAYOUT[kind].table;
  }

  /** As the database has counted them, what dead processes have left included. */
  protected abstract countedPlaces(): Promise<readonly PlacesTaken[]>;
  protected abstract countedPlacesOf(region: string, account: string): Promise<HeldPlaces>;

  /** Keys of processes that have died with creations unfinished. */
  protected abstract findDead(): Promise<readonly number[]>;

  /** Contents that no record names and that may not be removed yet. */
  abstract discarded(): Promise<string[]>;

  async get<K extends Kind>(kind: K, id: string): Promise<Kinds[K] | undefined> {
    const offered = offeredOf(this.offered, kind, id);
    if (offered) return offered;
    const row = await this.row(kind, id);
    return row && fromRow<K>(row);
  }

  async declaredBy<K extends Kind>(kind: K, urn: string): Promise<Kinds[K][]> {
    return this.live(kind, "declared_by = ?", [urn]);
  }

  privateImages(region: string, account: string) {
    return this.live("image", "region = ? and account = ? and visibility = 'private'", [region, account]);
  }

  async privateImageCount(region: string, account: string) {
    return (await this.placesOf(region, account)).privateImages;
  }

  async snapshotCount(region: string, account: string) {
    return (await this.placesOf(region, account)).snapshots;
  }

  async sharesOfImage(imageId: string) {
    return inOrder<"share">(await this.select("select * from shares where image_id = ?", [imageId]));
  }

  async sharesWith(region: string, memberId: string) {
    const text = "select * from shares where region = ? and member_id = ?";
    return inOrder<"share">(await this.select(text, [region, memberId]));
  }

  async acceptedShareCount(region: string, memberId: string): Promise<number> {
    return (await this.sharesWith(region, memberId)).length;
  }

  runningConversions(imageId: string) {
    return this.live("image", "converts = ? and creator is not null", [imageId]);
  }

  async runningFullImages(instanceId: string) {
    const images = await this.live("image", "creator is not null");
    return images.filter((image) => isFullImageOf(image, instanceId));
  }

  runningExports(imageId: string) {
    return this.live("export", "image_id = ? and creator is not null", [imageId]);
  }

  /** Where not everything is seen, whoever knows the rest answers. */
  async otherExporter(
    _bucketUrl: string,
    _name: string,
    _fileFormat: ExportFormat,
  ): Promise<Place | undefined> {
    return undefined;
  }

  exportsTo(bucketUrl: string) {
    return this.live("export", "bucket_url = ?", [bucketUrl]);
  }

  async withToken<K extends Kind>(kind: K, creationToken: string): Promise<Kinds[K] | undefined> {
    return (await this.live(kind, "creation_token = ?", [creationToken]))[0];
  }

  declaredIn(stack: string): Promise<CatalogSnapshot> {
    // As bytes, what comes after all that begins with `::`.
    const range = [`${stack}::`, `${stack}:;`];
    return ofEachKind((kind) => this.live(kind, "declared_by >= ? and declared_by < ?", range));
  }

  imagesHolding(snapshotId: string) {
    const holders = "select image_id from disk_references where disk_id = ? and snapshot = 1";
    return this.live("image", `id in (${holders})`, [snapshotId]);
  }

  async placesTaken(): Promise<readonly PlacesTaken[]> {
    const [counted, dead] = await Promise.all([this.countedPlaces(), this.dead()]);
    if (dead.length === 0) return counted;
    const left = await this.leftBy(dead);
    return counted.map((places) => ({ ...places, ...without(places, left, places) }));
  }

  /** As `Catalog` has it. */
  async findImages({ region, account }: Viewer, { name, tags = {} }: ImageCriteria): Promise<ImageRecord[]> {
    const named: Condition[] = name === undefined ? [] : [[`${this.imageName} = ?`, name]];
    const tagged = Object.entries(tags).map((tag): Condition => [TAGGED, ...tag]);
    const own: Condition = ["images.region = ? and images.account = ?", region, account];
    const [first, ...others] = tagged;
    return this.together(
      first
        ? this.imagesBy("image_tags as tag", [first, own, ...named, ...others.map(ofAnyTag)])
        : this.imagesBy(undefined, [own, ...named]),
      this.imagesBy("shares as share", [[LENT, region, account], ...named, ...tagged.map(ofAnyTag)]),
    );
  }

  /** All live records of a kind, oldest first. */
  all<K extends Kind>(kind: K): Promise<Kinds[K][]> {
    return this.live(kind, "true");
  }

  async leftovers(): Promise<Leftovers> {
    const dead = await this.dead();
    const unfinished: Leftovers["unfinished"][number][] = [];
    for (const kind of ["image", "instance", "volume", "export"] as const) {
      const text = `select * from ${this.from(kind)} where creator in (${dead.join(", ")})`;
      const rows = dead.length === 0 ? [] : await this.select<RecordRow>(text);
      for (const row of rows) {
        const record = fromRow<typeof kind>(row);
        const { id, name, region, account } = record;
        const disks = disksIn(kind, record).map(({ disk_id }) => disk_id);
        unfinished.push({ kind, id, name, region, account, disks });
      }
    }
    return { unfinished, discarded: await this.discarded() };
  }

  protected async row(kind: Kind, id: string): Promise<RecordRow | undefined> {
    const rows = await this.select<RecordRow>(`select * from ${this.from(kind)} where id = ?`, [id]);
    return (await this.alive(rows))[0];
  }

  /** What is asked in one round trip; oldest first. */
  protected async together<T extends { sequence: number }>(...asked: Promise<T[]>[]): Promise<T[]> {
    const [first = [], ...others] = await Promise.all(asked);
    if (others.every(({ length }) => length === 0)) return first;
    return first.concat(...others).sort((a, b) => a.sequence - b.sequence);
  }

  /** `first`: what to go through before the images: SQLite goes through a cross join in the order written. */
  private async imagesBy(
    first: string | undefined,
    conditions: readonly Condition[],
  ): Promise<ImageRecord[]> {
    const from = `${first === undefined ? "" : `${first} cross join `}${this.from("image")}`;
    const text = `select images.* from ${from} where ${conditions.map(([each]) => each).join(" and ")}`;
    const parameters = conditions.flatMap(([, ...each]) => each);
    return inOrder<"image">(await this.alive(await this.select<RecordRow>(text, parameters)));
  }

  /** Asked once a transaction, and only where the answer matters. */
  protected dead(): Promise<readonly number[]> {
    return (this.deadIds ??= this.findDead());
  }

  /** Records whose creator lives, or has finished, oldest first. */
  private async live<K extends Kind>(
    kind: K,
    condition: string,
    parameters: readonly unknown[] = [],
  ): Promise<Kinds[K][]> {
    const text = `select * from ${this.from(kind)} where ${condition}`;
    return inOrder<K>(await this.alive(await this.select<RecordRow>(text, parameters)));
  }

  private async alive(rows: RecordRow[]): Promise<RecordRow[]> {
    if (rows.every(({ creator }) => creator === null)) return rows;
    const dead = await this.dead();
    return rows.filter(({ creator }) => creator === null || !dead.includes(creator));
  }

  private async placesOf(region: string, account: string): Promise<HeldPlaces> {
    const [counted, dead] = await Promise.all([this.countedPlacesOf(region, account), this.dead()]);
    return dead.length === 0 ? counted : without(counted, await this.leftBy(dead), { region, account });
  }

  /** What dead processes hold alone. Keys of creators are numbers. */
  private async leftBy(dead: readonly number[]): Promise<readonly LeftPlaces[]> {
    const unfinished = `creator in (${dead.join(", ")})`;
    const ofDead = `select id from images where ${unfinished}`;
    const images = `select region, account, count(*) as count from images
      where ${unfinished} and visibility = 'private' group by region, account`;
    const snapshots = `select region, account, count(distinct disk_id) as count from disk_references as held
      where snapshot = 1 and image_id in (${ofDead}) and not exists (
        select 1 from disk_references as other where other.disk_id = held.disk_id and other.snapshot = 1
        and other.region = held.region and other.account = held.account and other.image_id not in (${ofDead}))
      group by region, account`;
    const [ofImages, ofSnapshots] = await Promise.all([
      this.select<Omit<LeftPlaces, "of">>(images),
      this.select<Omit<LeftPlaces, "of">>(snapshots),
    ]);
    return [
      ...ofImages.map((left) => ({ ...left, of: "privateImages" }) as const),
      ...ofSnapshots.map((left) => ({ ...left, of: "snapshots" }) as const),
    ];
  }
}

/** Of whatever other tags the image bears. */
function ofAnyTag([text, ...parameters]: Condition): Condition {
  return [`exists (select 1 from image_tags as tag where ${text})`, ...parameters];
}

function without(
  { privateImages, snapshots }: HeldPlaces,
  left: readonly LeftPlaces[],
  { region, account }: { region: string; account: string },
): HeldPlaces {
  const held = { privateImages, snapshots };
  for (const each of left)
    if (each.region === region && each.account === account) held[each.of] -= each.count;
  return held;
}

export function inOrder<K extends Kind>(rows: RecordRow[]): Kinds[K][] {
  return rows.sort((a, b) => a.sequence - b.sequence).map((row) => fromRow<K>(row));
}
