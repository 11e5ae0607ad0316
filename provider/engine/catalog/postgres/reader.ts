import type { ImageRecord } from "../../model";
import { SqlReader } from "../sql/reader";
import { IMAGE, INSTANCE, VOLUME, type Kind } from "../sql/rows";
import type { Creators } from "./creators";
import type { Statements } from "./session";

interface Places {
  private_images: number;
  snapshots: number;
}

const SEALED: readonly Kind<never>[] = [IMAGE, INSTANCE, VOLUME];

/** Answers the catalogue's questions within one transaction of PostgreSQL, with what the login may see. */
export class PostgresReader extends SqlReader {
  /** By region and account; emptied by what writes. */
  protected readonly places = new Map<string, Promise<Places | undefined>>();

  constructor(
    private readonly statements: Statements,
    protected readonly creators: Creators,
    offered: ReadonlyMap<string, ImageRecord>,
  ) {
    super(offered);
  }

  override async acceptedShareCount(region: string, memberId: string): Promise<number> {
    const text = "select accepted_shares($1, $2) as count";
    const [row] = await this.statements.query<{ count: number | null }>(text, [region, memberId]);
    return row?.count ?? 0;
  }

  override async privateImageCount(region: string, account: string): Promise<number> {
    const taken = await this.placesTaken(region, account);
    return taken?.private_images ?? super.privateImageCount(region, account);
  }

  override async snapshotCount(region: string, account: string): Promise<number> {
    const taken = await this.placesTaken(region, account);
    return taken?.snapshots ?? super.snapshotCount(region, account);
  }

  async discarded(): Promise<string[]> {
    const rows = await this.statements.query<{ id: string }>("select id from discarded() as id");
    return rows.map(({ id }) => id);
  }

  /** How many shares accounts have taken, whoever may see them. */
  async sharesTaken(): Promise<{ region: string; memberId: string; taken: number }[]> {
    return this.statements.query(`select region, member as "memberId", taken from shares_taken()`);
  }

  /**
   * As the database has counted them, asked once for both until something is written. It counts what a dead process has
   * left too, until that is swept: undefined then.
   */
  private placesTaken(region: string, account: string): Promise<Places | undefined> {
    const key = JSON.stringify([region, account]);
    const asked = this.places.get(key) ?? this.askPlaces(region, account);
    this.places.set(key, asked);
    return asked;
  }

  private async askPlaces(region: string, account: string): Promise<Places | undefined> {
    const text = "select private_images, snapshots from places_taken($1, $2)";
    // Both in one round trip.
    const [dead, [places]] = await Promise.all([
      this.dead(),
      this.statements.query<Places>(text, [region, account]),
    ]);
    return dead.length > 0 ? undefined : places;
  }

  /** With data keys, which stand apart: only those of master keys that are enabled are seen. */
  protected override from(kind: Kind<never>): string {
    const { noun, table } = kind;
    if (!SEALED.includes(kind)) return table;
    return `(select ${table}.*, wrapped_key from ${table}
      left join wrapped_keys on kind = '${noun}' and record_id = ${table}.id) as ${table}`;
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
