import type { Kysely } from "kysely";
import { isAlive, type ProcessMark } from "../process-mark";
import { runStatement } from "./statement";
import type { CreatorRow, Tables } from "./tables";

/** The processes that have records `creating`, as this one sees them. */
export class Creators {
  /** By transaction: while it lasts nobody else writes any. */
  private readonly read = new WeakMap<Kysely<Tables>, Promise<CreatorRow[]>>();

  constructor(private readonly owner: ProcessMark) {}

  /** Key of this process, which is recorded with its first creation. */
  async own(tx: Kysely<Tables>): Promise<number> {
    const known = await this.find(tx);
    if (known !== undefined) return known;
    const [row] = await tx
      .insertInto("creators")
      .values({
        pid: this.owner.pid,
        host: this.owner.host,
        started_at: this.owner.startedAt ?? null,
        heartbeat_at: Date.now(),
      } as Tables["creators"])
      .returning("id")
      .execute();
    this.changed(tx);
    return row!.id;
  }

  /** Called where a transaction has written any, or has gone back to before it did. */
  changed(tx: Kysely<Tables>): void {
    this.read.delete(tx);
  }

  /** Keys of processes that have died with creations unfinished. */
  async dead(db: Kysely<Tables>): Promise<number[]> {
    return (await this.all(db))
      .filter((row) => !this.isOwn(row) && !isAlive(markIn(row), row.heartbeat_at))
      .map((row) => row.id);
  }

  /** Tells other hosts that this process lives; nothing to tell before its first creation. */
  async beat(db: Kysely<Tables>): Promise<void> {
    const id = await this.find(db);
    if (id === undefined) return;
    await db.updateTable("creators").set({ heartbeat_at: Date.now() }).where("id", "=", id).execute();
  }

  /** Takes this process out where it leaves no creation unfinished. */
  async leave(db: Kysely<Tables>): Promise<void> {
    const id = await this.find(db);
    if (id !== undefined) await forget(db, id);
  }

  private async find(db: Kysely<Tables>): Promise<number | undefined> {
    return (await this.all(db)).find((row) => this.isOwn(row))?.id;
  }

  private all(db: Kysely<Tables>): Promise<CreatorRow[]> {
    const rows = this.read.get(db) ?? runStatement<CreatorRow>(db, "select * from creators");
    if (db.isTransaction) this.read.set(db, rows);
    return rows;
  }

  private isOwn(row: CreatorRow): boolean {
    const { pid, host, startedAt } = markIn(row);
    return pid === this.owner.pid && host === this.owner.host && startedAt === this.owner.startedAt;
  }
}

function markIn(row: CreatorRow): ProcessMark {
  return { pid: row.pid, host: row.host, startedAt: row.started_at ?? undefined };
}

/** Removes a process that no record names. */
async function forget(db: Kysely<Tables>, id: number): Promise<void> {
  for (const table of ["images", "instances", "volumes", "exports"] as const) {
    const unfinished = await db
      .selectFrom(table as "images")
      .select("id")
      .where("creator", "=", id)
      .limit(1)
      .execute();
    if (unfinished.length > 0) return;
  }
  await db.deleteFrom("creators").where("id", "=", id).execute();
}
