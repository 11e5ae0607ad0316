import { sql } from "kysely";
import type { Kind, Kinds } from "../../model";
import { Fault } from "../../violation";
import { absentRecord } from "../absent-record";
import type { CatalogTransaction, New } from "../catalog";
import { sqliteCode } from "./busy";
import { SqliteReader } from "./reader";
import {
  disksIn,
  fromRow,
  isCreating,
  KINDS,
  LAYOUT,
  toRow,
  type NamedDisk,
  type RecordRow,
} from "../sql/rows";
import { insertText, runStatement } from "./statement";
import type { Tables } from "./tables";

export class SqliteTransaction extends SqliteReader implements CatalogTransaction {
  async insert<K extends Kind>(kind: K, record: New<Kinds[K]>): Promise<Kinds[K]> {
    if (kind === "share") await this.requireImage(record as New<Kinds["share"]>);
    const whole = {
      ...record,
      createdAt: new Date().toISOString(),
      sequence: await this.nextSequence(),
    } as unknown as Kinds[K];
    const row = toRow(kind, whole, isCreating(whole) ? await this.creators.own(this.db) : null);
    await this.insertRows(LAYOUT[kind].table, [row]).catch((error: unknown) => {
      if (sqliteCode(error) !== "SQLITE_CONSTRAINT_PRIMARYKEY") throw error;
      throw new Fault(`Recording ${kind} ${row.id}`, { says: "the ID is taken" });
    });
    await this.refer(kind, whole);
    await this.tag(kind, whole);
    return fromRow<K>(row);
  }

  async update<K extends Kind>(kind: K, id: string, changes: Partial<Kinds[K]>): Promise<Kinds[K]> {
    const before = await this.row(kind, id);
    if (!before) throw absentRecord(kind, id);
    const record = fromRow<K>(before);
    const changed: Kinds[K] = { ...record, ...changes, id };
    const creator = isCreating(changed) ? (before.creator ?? (await this.creators.own(this.db))) : null;
    const row = toRow(kind, changed, creator);
    await this.updateRow(kind, before, row);
    await this.refer(kind, changed, record);
    if (JSON.stringify(LAYOUT[kind].tags?.(changed)) !== JSON.stringify(LAYOUT[kind].tags?.(record))) {
      await this.db.deleteFrom("image_tags").where("image_id", "=", id).execute();
      await this.tag(kind, changed);
    }
    return fromRow<K>(row);
  }

  /** Its shares, tags and disk references go with it. */
  async delete(kind: Kind, id: string): Promise<void> {
    await this.select(`delete from ${LAYOUT[kind].table} where id = ?`, [id]);
  }

  async discardDisks(ids: readonly string[]): Promise<string[]> {
    const text = `select distinct value as id from json_each(?)
      where not exists (select 1 from disk_references where disk_id = value)`;
    const unnamed = (await this.select<{ id: string }>(text, [JSON.stringify(ids)])).map(({ id }) => id);
    for (const id of unnamed) await this.select("insert or ignore into discarded_disks values (?)", [id]);
    return unnamed;
  }

  async forgetDiscarded(ids: readonly string[]): Promise<void> {
    await sql`delete from discarded_disks
      where disk_id in (select value from json_each(${JSON.stringify(ids)}))`.execute(this.db);
  }

  /** Removes the records of dead creators, and discards the disks that nothing else names. */
  async sweep(): Promise<void> {
    const dead = await this.dead();
    if (dead.length === 0) return;
    const disks: string[] = [];
    for (const kind of KINDS) {
      const rows = await this.db
        .deleteFrom(LAYOUT[kind].table as "instances")
        .where("creator", "in", dead)
        .returningAll()
        .execute();
      disks.push(...rows.flatMap((row) => disksIn(kind, fromRow(row)).map(({ disk_id }) => disk_id)));
    }
    await this.db.deleteFrom("creators").where("id", "in", dead).execute();
    this.creators.changed(this.db);
    await this.discardDisks(disks);
  }

  async markSeen(creationTokens: readonly string[]): Promise<void> {
    for (const kind of KINDS) {
      await sql`update ${sql.table(LAYOUT[kind].table)} set seen = 1 where seen = 0
        and creation_token in (select value from json_each(${JSON.stringify(creationTokens)}))`.execute(
        this.db,
      );
    }
  }

  private async requireImage({ id, imageId }: New<Kinds["share"]>): Promise<void> {
    if (await this.row("image", imageId)) return;
    throw new Fault(`Recording share ${id}`, { says: `there is no image ${imageId}` });
  }

  /** Writes what has changed: every other column would have its indexes written too. */
  private async updateRow(kind: Kind, before: RecordRow, row: RecordRow): Promise<void> {
    const old = before as unknown as Record<string, unknown>;
    const changed = Object.entries(row).filter(([column, value]) => value !== old[column]);
    if (changed.length === 0) return;
    const columns = changed.map(([column]) => `${column} = ?`).join(", ");
    const values = [...changed.map(([, value]) => value), row.id];
    await runStatement(this.db, `update ${LAYOUT[kind].table} set ${columns} where id = ?`, values);
  }

  /** Notes the contents that a record names, where it named others `before`. */
  private async refer<K extends Kind>(kind: K, record: Kinds[K], before?: Kinds[K]): Promise<void> {
    const disks = disksIn(kind, record);
    const old = before ? disksIn(kind, before) : [];
    const owner = `${kind}_id`;
    for (const { disk_id } of old.filter((disk) => !includes(disks, disk))) {
      await this.select(`delete from disk_references where ${owner} = ? and disk_id = ?`, [
        record.id,
        disk_id,
      ]);
    }
    const { id, region, account = null } = record;
    const added = disks.filter((disk) => !includes(old, disk));
    await this.insertRows(
      "disk_references",
      added.map((disk) => ({ ...disk, [owner]: id, region, account })),
    );
  }

  private async tag<K extends Kind>(kind: K, record: Kinds[K]): Promise<void> {
    const tags = Object.entries(LAYOUT[kind].tags?.(record) ?? {});
    await this.insertRows(
      "image_tags",
      tags.map(([key, value]) => ({ key, value, image_id: record.id })),
    );
  }

  private async insertRows(table: keyof Tables, rows: readonly object[]): Promise<void> {
    if (rows.length === 0) return;
    await runStatement(this.db, insertText(table, rows), rows.flatMap(Object.values));
  }

  private async nextSequence(): Promise<number> {
    const text = "update counters set value = value + 1 where name = 'sequence' returning value";
    const [row] = await runStatement<{ value: number }>(this.db, text);
    return row!.value;
  }
}

function includes(disks: readonly NamedDisk[], { disk_id, snapshot }: NamedDisk): boolean {
  return disks.some((disk) => disk.disk_id === disk_id && disk.snapshot === snapshot);
}
