import type { ImageRecord } from "../../model";
import { SqlReader } from "../sql/reader";
import { IMAGE, INSTANCE, VOLUME, type Kind } from "../sql/rows";
import type { Creators } from "./creators";
import type { Statements } from "./session";

const SEALED: readonly Kind<never>[] = [IMAGE, INSTANCE, VOLUME];

/** Answers the catalogue's questions within one transaction of PostgreSQL, with what the login may see. */
export class PostgresReader extends SqlReader {
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

  async discarded(): Promise<string[]> {
    const rows = await this.statements.query<{ id: string }>("select id from discarded() as id");
    return rows.map(({ id }) => id);
  }

  /** Shares that others have taken, by number: whose they are and of what is hidden. */
  async hiddenShares(members: readonly { region: string; memberId: string }[]) {
    const text = `select region, member, accepted_shares(region, member)
        - (select count(*) from shares where shares.region = asked.region and member_id = member) as count
      from unnest($1::text[], $2::text[]) as asked (region, member)`;
    const regions = members.map(({ region }) => region);
    const names = members.map(({ memberId }) => memberId);
    const rows = await this.statements.query<{ region: string; member: string; count: number | null }>(text, [
      regions,
      names,
    ]);
    return rows.map(({ region, member, count }) => ({ region, memberId: member, count: count ?? 0 }));
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
