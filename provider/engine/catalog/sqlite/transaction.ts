import { sql } from "kysely";
import type { ExportRecord, ImageRecord, InstanceRecord, ShareRecord, VolumeRecord } from "../../model";
import { Fault } from "../../violation";
import type { CatalogTransaction } from "../catalog";
import { sqliteCode } from "./busy";
import { SqliteReader } from "./reader";
import {
  EXPORT,
  fromRow,
  IMAGE,
  INSTANCE,
  KINDS,
  SHARE,
  toRow,
  VOLUME,
  type Kind,
  type Stored,
} from "../sql/rows";
import { insertText, runStatement } from "./statement";
import type { Tables } from "./tables";

type New<T> = Omit<T, "createdAt" | "sequence">;

export class SqliteTransaction extends SqliteReader implements CatalogTransaction {
  insertImage(record: New<ImageRecord>) {
    return this.insert(IMAGE, record);
  }
  insertInstance(record: New<InstanceRecord>) {
    return this.insert(INSTANCE, record);
  }
  insertVolume(record: New<VolumeRecord>) {
    return this.insert(VOLUME, record);
  }
  async insertShare(record: New<ShareRecord>) {
    if (!(await this.row(IMAGE, record.imageId))) {
      throw new Fault(`Recording share ${record.id}`, { says: `there is no image ${record.imageId}` });
    }
    return this.insert(SHARE, record);
  }
  insertExport(record: New<ExportRecord>) {
    return this.insert(EXPORT, record);
  }

  updateImage(id: string, changes: Partial<ImageRecord>) {
    return this.update(IMAGE, id, changes);
  }
  updateInstance(id: string, changes: Partial<InstanceRecord>) {
    return this.update(INSTANCE, id, changes);
  }
  updateVolume(id: string, changes: Partial<VolumeRecord>) {
    return this.update(VOLUME, id, changes);
  }
  updateShare(id: string, changes: Partial<ShareRecord>) {
    return this.update(SHARE, id, changes);
  }
  updateExport(id: string, changes: Partial<ExportRecord>) {
    return this.update(EXPORT, id, changes);
  }

  deleteImage(id: string) {
    return this.delete(IMAGE, id);
  }
  deleteInstance(id: string) {
    return this.delete(INSTANCE, id);
  }
  deleteVolume(id: string) {
    return this.delete(VOLUME, id);
  }
  deleteShare(id: string) {
    return this.delete(SHARE, id);
  }
  deleteExport(id: string) {
    return this.delete(EXPORT, id);
  }

  async discardDisks(ids: readonly string[]): Promise<string[]> {
    const { rows } = await sql<{ id: string }>`
      select distinct value as id from json_each(${JSON.stringify(ids)})
      where not exists (select 1 from disk_references where disk_id = value)`.execute(this.db);
    if (rows.length === 0) return [];
    await this.db
      .insertInto("discarded_disks")
      .values(rows.map(({ id }) => ({ disk_id: id })))
      .onConflict((noted) => noted.doNothing())
      .execute();
    return rows.map(({ id }) => id);
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
        .deleteFrom(kind.table as "instances")
        .where("creator", "in", dead)
        .returningAll()
        .execute();
      disks.push(...rows.flatMap((row) => kind.disks(fromRow<never>(row)).map((disk) => disk.disk_id)));
    }
    await this.db.deleteFrom("creators").where("id", "in", dead).execute();
    await this.discardDisks(disks);
  }

  async markSeen(creationTokens: readonly string[]): Promise<void> {
    for (const kind of KINDS) {
      await sql`update ${sql.table(kind.table)} set seen = 1 where seen = 0
        and creation_token in (select value from json_each(${JSON.stringify(creationTokens)}))`.execute(
        this.db,
      );
    }
  }

  private async insert<T extends Stored>(kind: Kind<T>, record: New<T>): Promise<T> {
    const whole = {
      ...record,
      createdAt: new Date().toISOString(),
      sequence: await this.nextSequence(),
    } as unknown as T;
    const row = toRow(kind, whole, whole.status === "creating" ? await this.creators.own(this.db) : null);
    await this.insertRows(kind.table, [row]).catch((error: unknown) => {
      if (sqliteCode(error) !== "SQLITE_CONSTRAINT_PRIMARYKEY") throw error;
      throw new Fault(`Recording ${kind.noun} ${row.id}`, { says: "the ID is taken" });
    });
    await this.refer(kind, whole);
    await this.tag(kind, whole);
    return fromRow<T>(row);
  }

  private async update<T extends Stored>(kind: Kind<T>, id: string, changes: Partial<T>): Promise<T> {
    const before = await this.row(kind, id);
    if (!before) throw new Fault(`Changing ${kind.noun} ${id}`, { says: "it isn't in the catalogue" });
    const record = fromRow<T>(before);
    const changed: T = { ...record, ...changes, id };
    const creator =
      changed.status === "creating" ? (before.creator ?? (await this.creators.own(this.db))) : null;
    const row = toRow(kind, changed, creator);
    const columns = Object.keys(row).map((column) => `${column} = ?`);
    const values = [...Object.values(row), id];
    await runStatement(this.db, `update ${kind.table} set ${columns.join(", ")} where id = ?`, values);
    if (JSON.stringify(kind.disks(changed)) !== JSON.stringify(kind.disks(record))) {
      await this.db
        .deleteFrom("disk_references")
        .where(`${kind.noun as "image"}_id`, "=", id)
        .execute();
      await this.refer(kind, changed);
    }
    if (JSON.stringify(kind.tags?.(changed)) !== JSON.stringify(kind.tags?.(record))) {
      await this.db.deleteFrom("image_tags").where("image_id", "=", id).execute();
      await this.tag(kind, changed);
    }
    return fromRow<T>(row);
  }

  /** Its shares, tags and disk references go with it. */
  private async delete<T extends Stored>(kind: Kind<T>, id: string): Promise<void> {
    await this.db
      .deleteFrom(kind.table as "instances")
      .where("id", "=", id)
      .execute();
  }

  private async refer<T extends Stored>(kind: Kind<T>, record: T): Promise<void> {
    const references = kind.disks(record).map((disk) => ({
      ...disk,
      [`${kind.noun}_id`]: record.id,
      region: record.region,
      account: record.account ?? null,
    }));
    await this.insertRows("disk_references", references);
  }

  private async tag<T extends Stored>(kind: Kind<T>, record: T): Promise<void> {
    const tags = Object.entries(kind.tags?.(record) ?? {});
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
