import type { ExportFormat, ImageRecord, Kind, Kinds, ShareRecord } from "../../model";
import type { Place } from "../../scope";
import type { ImageCriteria, PlacesTaken, Viewer } from "../catalog";
import { inOrder, SqlReader, type HeldPlaces } from "../sql/reader";
import { LAYOUT, type RecordRow } from "../sql/rows";
import type { Creators } from "./creators";
import type { Statements } from "./session";

const SEALED: readonly Kind[] = ["image", "instance", "volume"];

/** What others share with the login's accounts: rows as of the tables, which show a login its own only. */
const SHARED: Partial<Record<Kind, string>> = {
  image: "shared_images()",
  share: "shares_with_me()",
};

/** Answers the catalogue's questions within one transaction of PostgreSQL, with what the login may see. */
export class PostgresReader extends SqlReader {
  protected readonly imageName = "images.name";

  constructor(
    private readonly statements: Statements,
    protected readonly creators: Creators,
    offered: ReadonlyMap<string, ImageRecord>,
  ) {
    super(offered);
  }

  override async get<K extends Kind>(kind: K, id: string): Promise<Kinds[K] | undefined> {
    return (await super.get(kind, id)) ?? (await this.shared(kind, "id = ?", [id]))[0];
  }

  override async sharesOfImage(imageId: string): Promise<ShareRecord[]> {
    return this.together(super.sharesOfImage(imageId), this.shared("share", "image_id = ?", [imageId]));
  }

  override async sharesWith(region: string, memberId: string): Promise<ShareRecord[]> {
    const lent = this.shared("share", "region = ? and member_id = ?", [region, memberId]);
    return this.together(super.sharesWith(region, memberId), lent);
  }

  override async findImages(viewer: Viewer, wanted: ImageCriteria): Promise<ImageRecord[]> {
    const lent = this.shared(
      "image",
      `region = ? and name = coalesce(?, name) and attributes -> 'tags' @> ?::jsonb
        and id in (select image_id from shares_with_me() where region = ? and member_id = ?)`,
      [viewer.region, wanted.name, JSON.stringify(wanted.tags ?? {}), viewer.region, viewer.account],
    );
    return this.together(super.findImages(viewer, wanted), lent);
  }

  override async all<K extends Kind>(kind: K): Promise<Kinds[K][]> {
    return this.together(super.all(kind), this.shared(kind, "true"));
  }

  override async acceptedShareCount(region: string, memberId: string): Promise<number> {
    const text = "select accepted_shares(?, ?) as count";
    const [row] = await this.select<{ count: number | null }>(text, [region, memberId]);
    return row?.count ?? 0;
  }

  override async otherExporter(
    bucketUrl: string,
    name: string,
    fileFormat: ExportFormat,
  ): Promise<Place | undefined> {
    const text = "select region, account from other_exporter(?, ?, ?)";
    const [place] = await this.select<Place>(text, [bucketUrl, name, fileFormat]);
    return place;
  }

  async discarded(): Promise<string[]> {
    const rows = await this.select<{ id: string }>("select id from discarded() as id");
    return rows.map(({ id }) => id);
  }

  protected countedPlaces(): Promise<PlacesTaken[]> {
    const text = `select region, account, private_images as "privateImages", snapshots from places_taken()`;
    return this.select(text);
  }

  /** What others share, which is never in the making. */
  private async shared<K extends Kind>(
    kind: K,
    condition: string,
    parameters: readonly unknown[] = [],
  ): Promise<Kinds[K][]> {
    const source = SHARED[kind];
    if (source === undefined) return [];
    return inOrder<K>(await this.select<RecordRow>(`select * from ${source} where ${condition}`, parameters));
  }

  protected async countedPlacesOf(region: string, account: string): Promise<HeldPlaces> {
    const text = `select private_images as "privateImages", snapshots from places_taken(?, ?)`;
    const [places] = await this.select<HeldPlaces>(text, [region, account]);
    return places ?? { privateImages: 0, snapshots: 0 };
  }

  /** With data keys, which stand apart: only those of master keys that are enabled are seen. */
  protected override from(kind: Kind): string {
    const { table } = LAYOUT[kind];
    if (!SEALED.includes(kind)) return table;
    return `(select ${table}.*, wrapped_key from ${table}
      left join wrapped_keys on kind = '${kind}' and record_id = ${table}.id) as ${table}`;
  }

  protected select<Row>(text: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    return this.statements.query<Row>(numbered(text), parameters);
  }

  protected findDead(): Promise<readonly number[]> {
    return this.creators.dead(this.statements);
  }
}

const MOST_NUMBERED = 500;
const numberedTexts = new Map<string, string>();

/** `?` as `$1`, `$2`, …: none of our texts has one for anything else. */
function numbered(text: string): string {
  const known = numberedTexts.get(text);
  if (known !== undefined) return known;
  let count = 0;
  const result = text.replace(/\?/g, () => `$${++count}`);
  if (numberedTexts.size < MOST_NUMBERED) numberedTexts.set(text, result);
  return result;
}
