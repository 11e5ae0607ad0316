import type { ImageRecord, Kind, Kinds } from "../../model";
import { Fault } from "../../violation";
import { absentRecord } from "../absent-record";
import type { CatalogTransaction, Insertion, New } from "../catalog";
import type { Creators } from "./creators";
import { isRefusal } from "./failures";
import { audited } from "./lost-commits";
import { PostgresReader } from "./reader";
import type { Session, Statements } from "./session";

/** Writes by the database's functions, one round trip each, which keep every rule themselves. */
export class PostgresTransaction extends PostgresReader implements CatalogTransaction {
  readonly remembers = true;
  private readonly asked = new Map<string, Promise<unknown[]>>();
  /** What it was told first of declarations, which is what its work goes by. */
  private readonly declared = new Map<string, readonly Kinds[Kind][]>();
  /** Key of this process, where the transaction needed it. */
  creator: number | undefined;

  constructor(
    private readonly session: Session,
    creators: Creators,
    offered: ReadonlyMap<string, ImageRecord>,
  ) {
    super(session, creators, offered);
  }

  override async declaredBy<K extends Kind>(kind: K, urn: string): Promise<Kinds[K][]> {
    const records = await super.declaredBy(kind, urn);
    const key = `${kind} ${urn}`;
    if (!this.declared.has(key)) this.declared.set(key, records);
    return records;
  }

  async insert<K extends Kind>(
    kind: K,
    record: New<Kinds[K]>,
    { contents = [], isLast = false }: Insertion = {},
  ): Promise<Kinds[K]> {
    const { id } = record as Kinds[K];
    try {
      const given = [
        kind,
        JSON.stringify(this.following(kind, record)),
        await this.creatorOf(record),
        JSON.stringify(contents),
      ];
      if (!isLast) return await this.write<Kinds[K]>(kind, id, "insert_record", ...given);
      this.proveBy(kind, id);
      return await this.session.callLast("insert_record", given, (statements) =>
        this.insertedBefore(statements, kind, id),
      );
    } catch (error) {
      if (!isRefusal(error)) throw error;
      const doing = `Recording ${kind} ${id}`;
      if (error.constraint === "id-taken") throw new Fault(doing, { says: "the ID is taken", cause: error });
      // Judged again first: it may just have gone.
      if (error.constraint === "source-absent" && "imageId" in record && kind === "share") {
        error.cause = new Fault(doing, { says: `there is no image ${record.imageId}` });
      }
      throw error;
    }
  }

  async update<K extends Kind>(kind: K, id: string, changes: Partial<Kinds[K]>): Promise<Kinds[K]> {
    // A field given as undefined is taken out, which JSON has no word for but null.
    const given = JSON.stringify(changes, (_, value: unknown) => (value === undefined ? null : value));
    try {
      return await this.write<Kinds[K]>(kind, id, "update_record", kind, id, given);
    } catch (error) {
      if (!isRefusal(error) || error.constraint !== "absent") throw error;
      throw absentRecord(kind, id, error);
    }
  }

  async delete(kind: Kind, id: string): Promise<void> {
    await this.write(kind, id, "delete_record", kind, id);
  }

  async discardDisks(ids: readonly string[]): Promise<string[]> {
    return ids.length === 0 ? [] : this.session.call<string[]>("discard_contents", ids);
  }

  protected override select<Row>(text: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    const key = JSON.stringify([text, parameters]);
    const known = this.asked.get(key) as Promise<Row[]> | undefined;
    const rows = known ?? super.select<Row>(text, parameters);
    this.asked.set(key, rows);
    return rows;
  }

  private async write<T>(kind: Kind, id: string, name: string, ...args: unknown[]): Promise<T> {
    this.asked.clear();
    const answer = await this.session.call<T>(name, ...args);
    this.proveBy(kind, id);
    return answer;
  }

  /** Says which record of the same declaration the work has known of last: the database refuses to follow one twice. */
  private following<K extends Kind>(kind: K, record: New<Kinds[K]>): object {
    const { origin, region, account } = record as New<Kinds[Kind]>;
    const known = origin && this.declared.get(`${kind} ${origin.declaredBy}`);
    if (!known) return record;
    const own = known.filter((each) => each.region === region && each.account === account);
    return { ...record, origin: { ...origin, follows: Math.max(0, ...own.map(({ sequence }) => sequence)) } };
  }

  private proveBy(kind: Kind, id: string): void {
    this.session.proof = audited(kind, id);
  }

  /** What a transaction has recorded whose answer was lost. */
  private async insertedBefore<K extends Kind>(
    statements: Statements,
    kind: K,
    id: string,
  ): Promise<Kinds[K]> {
    const reader = new PostgresReader(statements, this.creators, new Map());
    const record = await reader.get(kind, id);
    if (!record) throw new Fault(`Recording ${kind} ${id}`, { says: "it was recorded, and is gone again" });
    return record;
  }

  private async creatorOf(record: object): Promise<number | null> {
    if (!("status" in record) || record.status !== "creating") return null;
    return (this.creator ??= await this.creators.own(this.session));
  }
}
