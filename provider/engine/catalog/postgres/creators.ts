import { isAlive, type ProcessMark } from "../process-mark";
import type { PostgresDatabase } from "./database";
import type { Session, Statements } from "./session";

/** Well within the time after which a silent process of another host is taken for dead. */
const BEAT_MS = 5_000;

interface CreatorRow {
  id: number;
  host: string;
  pid: number;
  started_at: string | null;
  silent: boolean;
}

/** The processes that have records `creating`, as this one sees them. */
export class Creators {
  /** Key of this process, once a transaction that recorded it is committed. */
  private known: number | undefined;
  private beating: NodeJS.Timeout | undefined;
  /** Of its own: whoever waits for the connections of others would pass for dead. What is missed comes again. */
  private readonly line: PostgresDatabase;

  constructor(
    database: PostgresDatabase,
    private readonly owner: ProcessMark,
  ) {
    this.line = database.apart({ connections: 1, patience: { lost: 0, unknown: 0, conflict: 0 } });
  }

  /** Key of this process, which is recorded with its first creation. */
  async own(session: Session): Promise<number> {
    if (this.known !== undefined) return this.known;
    const { host, pid, startedAt } = this.owner;
    return session.call<number>("own_creator", host, pid, startedAt ?? null);
  }

  /** To be told once the transaction is committed that `own` was asked in. */
  recorded(id: number): void {
    this.known = id;
    this.beating ??= setInterval(() => void this.beat(), BEAT_MS).unref();
  }

  /** To be told where the database doesn't know this process: it was taken for dead. */
  forgotten(): void {
    this.known = undefined;
  }

  /** Keys of processes that have died with creations unfinished; of other hosts, by the server's clock. */
  async dead(statements: Statements): Promise<number[]> {
    const rows = await statements.query<CreatorRow>("select * from creators()");
    return rows
      .filter((row) => !this.isOwn(row) && !isAlive(markIn(row), row.silent ? 0 : Date.now()))
      .map(({ id }) => id);
  }

  /** Takes this process out where it leaves no creation unfinished; what can't be said now, its silence says. */
  async leave(): Promise<void> {
    clearInterval(this.beating);
    const { known } = this;
    this.known = undefined;
    if (known !== undefined) await this.line.call("leave", known).catch(() => undefined);
    await this.line.close();
  }

  private async beat(): Promise<void> {
    if (this.known === undefined) return;
    await this.line.call("beat", this.known).catch(() => undefined);
  }

  private isOwn(row: CreatorRow): boolean {
    const { pid, host, startedAt } = markIn(row);
    return pid === this.owner.pid && host === this.owner.host && startedAt === this.owner.startedAt;
  }
}

function markIn(row: CreatorRow): ProcessMark {
  return { pid: row.pid, host: row.host, startedAt: row.started_at ?? undefined };
}
