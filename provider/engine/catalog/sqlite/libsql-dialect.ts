import type Libsql from "libsql";
import AsyncLibsql from "libsql/promise";
import {
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type Kysely,
  type QueryResult,
  type TransactionSettings,
} from "kysely";
import { whileBusy } from "./busy";

/**
 * SQLite through libsql. Transactions take the writers' lock at their start (`read only` ones take none), and
 * waiting for it leaves the event loop free.
 */
export class LibsqlDialect implements Dialect {
  constructor(
    private readonly database: Libsql.Database,
    private readonly busyTimeoutMs: number,
  ) {}

  createDriver(): Driver {
    return new LibsqlDriver(this.database, this.busyTimeoutMs);
  }
  createQueryCompiler() {
    return new SqliteQueryCompiler();
  }
  createAdapter() {
    return new TransactionalDdlAdapter();
  }
  createIntrospector(db: Kysely<unknown>) {
    return new SqliteIntrospector(db);
  }
}

/** Lets all migrations of a run happen in one transaction, which locks out a second process that migrates. */
class TransactionalDdlAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

/** One connection, given to one holder at a time in the order of asking. */
class LibsqlDriver implements Driver {
  private readonly connection: LibsqlConnection;
  private last: Promise<void> = Promise.resolve();
  private release: () => void = () => undefined;
  private isReading = false;

  constructor(
    private readonly database: Libsql.Database,
    private readonly busyTimeoutMs: number,
  ) {
    this.connection = new LibsqlConnection(database);
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    const before = this.last;
    let release!: () => void;
    this.last = new Promise((resolve) => (release = resolve));
    await before;
    this.release = release;
    return this.connection;
  }

  async releaseConnection(): Promise<void> {
    this.release();
  }

  async beginTransaction(_connection: DatabaseConnection, settings: TransactionSettings): Promise<void> {
    this.isReading = settings.accessMode === "read only";
    const begin = this.isReading ? "begin" : "begin immediate";
    await whileBusy(() => this.database.exec(begin), this.busyTimeoutMs);
  }

  /** Waits for the disk in another thread. */
  async commitTransaction(): Promise<void> {
    if (this.isReading) this.database.exec("commit");
    else await AsyncLibsql.prototype.exec.call(this.database, "commit");
  }

  async rollbackTransaction(): Promise<void> {
    // SQLite has rolled back by itself after some errors (a full disk).
    if (this.database.inTransaction) this.database.exec("rollback");
  }

  async destroy(): Promise<void> {
    // libsql frees statements at garbage collection only, so that closing doesn't merge the log into the file.
    try {
      this.database.exec("pragma wal_checkpoint(truncate)");
    } catch {
      // Others read or write: the last one of them merges it.
    }
    this.database.close();
  }
}

/** Statements prepared already are kept up to this number; a catalogue's queries have fewer shapes. */
const PREPARED = 200;

interface Prepared {
  statement: Libsql.Statement<unknown[]>;
  /** It answers with rows. */
  isReader: boolean;
}

class LibsqlConnection implements DatabaseConnection {
  private readonly prepared = new Map<string, Prepared>();
  constructor(private readonly database: Libsql.Database) {}

  async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    const { statement, isReader } = this.prepare(sql);
    try {
      if (isReader) return { rows: statement.all(parameters) as R[] };
      const { changes } = statement.run(parameters);
      return { rows: [], numAffectedRows: BigInt(changes) };
    } catch (error) {
      this.prepared.delete(sql);
      throw error;
    }
  }

  private prepare(sql: string): Prepared {
    let prepared = this.prepared.get(sql);
    if (!prepared) {
      if (this.prepared.size >= PREPARED) this.prepared.clear();
      const statement = this.database.prepare(sql);
      this.prepared.set(sql, (prepared = { statement, isReader: statement.reader }));
    }
    return prepared;
  }

  // eslint-disable-next-line require-yield
  async *streamQuery(): AsyncIterableIterator<never> {
    throw new Error("results aren't streamed");
  }
}
