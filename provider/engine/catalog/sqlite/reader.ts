import { sql, type Kysely } from "kysely";
import type { ImageRecord } from "../../model";
import type { PlacesTaken } from "../catalog";
import { SqlReader, type HeldPlaces } from "../sql/reader";
import { KINDS, LAYOUT } from "../sql/rows";
import type { Creators } from "./creators";
import { runStatement } from "./statement";
import type { Tables } from "./tables";

const PLACES = "select region, account, private_images as privateImages, snapshots from places";

/** Answers the catalogue's questions within one transaction of SQLite. */
export class SqliteReader extends SqlReader {
  protected readonly imageName = "images.attributes ->> 'name'";

  constructor(
    protected readonly db: Kysely<Tables>,
    protected readonly creators: Creators,
    offered: ReadonlyMap<string, ImageRecord>,
  ) {
    super(offered);
  }

  /** Whether a record with one of these creation tokens isn't marked as seen. */
  async hasUnseen(creationTokens: readonly string[]): Promise<boolean> {
    for (const kind of KINDS) {
      const { rows } = await sql`select 1 from ${sql.table(LAYOUT[kind].table)}
        where seen = 0 and creation_token is not null
        and creation_token in (select value from json_each(${JSON.stringify(creationTokens)}))
        limit 1`.execute(this.db);
      if (rows.length > 0) return true;
    }
    return false;
  }

  async discarded(): Promise<string[]> {
    const rows = await this.select<{ disk_id: string }>("select disk_id from discarded_disks");
    return rows.map((row) => row.disk_id);
  }

  protected countedPlaces(): Promise<PlacesTaken[]> {
    return this.select(PLACES);
  }

  protected async countedPlacesOf(region: string, account: string): Promise<HeldPlaces> {
    const text = `${PLACES} where region = ? and account = ?`;
    const [places] = await this.select<PlacesTaken>(text, [region, account]);
    return places ?? { privateImages: 0, snapshots: 0 };
  }

  protected select<Row>(text: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    return runStatement<Row>(this.db, text, parameters);
  }

  protected findDead(): Promise<number[]> {
    return this.creators.dead(this.db);
  }
}
