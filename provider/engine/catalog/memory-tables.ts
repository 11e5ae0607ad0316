import { Fault } from "../violation";
import { absentRecord } from "./absent-record";
import { isAlive, type ProcessMark } from "./process-mark";

interface Stored {
  id: string;
  sequence: number;
  status?: string;
}

interface Row<T> {
  record: T;
  /** The process that makes it; only while it is `creating`. */
  creator?: ProcessMark;
}

/** Records of one kind. A record is never changed, only replaced: readers may keep what they were given. */
export class MemoryTable<T extends Stored> {
  readonly rows = new Map<string, Row<T>>();
  constructor(readonly noun: string) {}

  stage(): StagedTable<T> {
    return new StagedTable(this);
  }

  get(id: string): T | undefined {
    const row = this.rows.get(id);
    return row && isLive(row) ? row.record : undefined;
  }

  *all(): Iterable<T> {
    for (const row of this.rows.values()) yield row.record;
  }

  *live(): Iterable<T> {
    for (const row of this.rows.values()) if (isLive(row)) yield row.record;
  }

  *dead(): Iterable<T> {
    for (const row of this.rows.values()) if (!isLive(row)) yield row.record;
  }

  /** Removes the records whose creator has died, and returns them. */
  sweep(): T[] {
    const dead = [...this.dead()];
    for (const record of dead) this.rows.delete(record.id);
    return dead;
  }
}

/** A table as one transaction sees it: what it wrote lies over what is committed, until commit. */
export class StagedTable<T extends Stored> {
  private readonly written = new Map<string, Row<T> | undefined>();
  constructor(private readonly table: MemoryTable<T>) {}

  get(id: string): T | undefined {
    const row = this.row(id);
    return row && isLive(row) ? row.record : undefined;
  }

  *all(): Iterable<T> {
    for (const row of this.rows()) yield row.record;
  }

  *live(): Iterable<T> {
    for (const row of this.rows()) if (isLive(row)) yield row.record;
  }

  insert(record: T, creator: ProcessMark): T {
    if (this.row(record.id)) {
      throw new Fault(`Recording ${this.table.noun} ${record.id}`, { says: "the ID is taken" });
    }
    return this.write(record, creator);
  }

  update(id: string, changes: Partial<T>, creator: ProcessMark): T {
    const row = this.row(id);
    if (!row || !isLive(row)) throw absentRecord(this.table.noun, id);
    return this.write({ ...row.record, ...changes, id }, row.creator ?? creator);
  }

  delete(id: string): void {
    this.written.set(id, undefined);
  }

  commit(): void {
    for (const [id, row] of this.written) {
      if (row) this.table.rows.set(id, row);
      else this.table.rows.delete(id);
    }
  }

  private row(id: string): Row<T> | undefined {
    return this.written.has(id) ? this.written.get(id) : this.table.rows.get(id);
  }

  private *rows(): Iterable<Row<T>> {
    for (const [id, row] of this.table.rows) if (!this.written.has(id)) yield row;
    for (const row of this.written.values()) if (row) yield row;
  }

  private write(record: T, creator: ProcessMark): T {
    const own = structuredClone(record);
    this.written.set(own.id, { record: own, creator: own.status === "creating" ? creator : undefined });
    return own;
  }
}

/** All processes that can open this catalogue run on this host: no heartbeat decides. */
function isLive(row: Row<unknown>): boolean {
  return row.creator === undefined || isAlive(row.creator, Date.now());
}
