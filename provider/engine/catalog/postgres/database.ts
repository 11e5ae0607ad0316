import { Fault } from "../../violation";
import { parseAddress, type PostgresAddress } from "./address";
import { TIMEOUTS, type Connection, type Timeouts } from "./connection";
import { isConflict, isLost } from "./failures";
import { asFault } from "./faults";
import { isCommitted } from "./lost-commits";
import { Pool } from "./pool";
import { PATIENCE, withRetries, type Patience } from "./retries";
import { Servers } from "./servers";
import { Session, type Statements } from "./session";

const CONNECTIONS = 4;

export interface PostgresOptions {
  /** Most connections at a time; default 4. */
  connections?: number;
  timeouts?: Partial<Timeouts>;
  patience?: Partial<Patience>;
}

export interface TransactionOptions {
  /** Sees one moment, and writes nothing. */
  readOnly?: boolean;
}

/**
 * The database of a region. Failures that may pass are met with another attempt; those that don't are Faults in the
 * user's words, without passwords.
 */
export class PostgresDatabase implements Statements {
  readonly address: PostgresAddress;
  private readonly servers: Servers;
  private readonly pool: Pool;
  private readonly patience: Patience;
  private asking: PostgresDatabase | undefined;

  /** Connects at the first need only. Throws ViolationError for an endpoint that isn't a database's URL. */
  constructor(
    private readonly endpoint: string,
    private readonly options: PostgresOptions = {},
    servers?: Servers,
  ) {
    const { connections = CONNECTIONS, timeouts, patience } = options;
    this.address = parseAddress(endpoint);
    this.patience = { ...PATIENCE, ...patience };
    this.servers = servers ?? new Servers(this.address, { ...TIMEOUTS, ...timeouts });
    this.pool = new Pool(() => this.servers.connect(), connections);
  }

  /** One statement of its own. It runs again where its answer was lost: only for what may be done twice. */
  query<Row>(text: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    return this.alone((session) => session.query<Row>(text, parameters));
  }

  /** One call of a function of ours, as `query` has it. */
  call<T>(name: string, ...args: readonly unknown[]): Promise<T> {
    return this.alone((session) => session.call<T>(name, ...args));
  }

  /**
   * Runs `work` in one transaction: committed if it returns, rolled back if it throws. `work` is run again from the
   * start where the connection is lost before the commit, or others are in the way: it may change nothing but the
   * database. Where the answer to a commit is lost, the server is asked what became of it. What `work` throws itself
   * goes through; so does what the database's own rules refuse (see `isRefusal`).
   */
  transaction<T>(
    work: (session: Session) => Promise<T>,
    { readOnly = false }: TransactionOptions = {},
  ): Promise<T> {
    return this.guard(readOnly ? "Reading" : "Writing", () =>
      this.retry(() => this.connected((connection) => this.attempt(connection, work, readOnly))),
    );
  }

  /**
   * The same database with connections of its own: for what is asked while a transaction is open, which would wait for
   * itself otherwise. To be closed by itself.
   */
  apart(options: Omit<PostgresOptions, "timeouts">): PostgresDatabase {
    return new PostgresDatabase(this.endpoint, { ...this.options, ...options }, this.servers);
  }

  async close(): Promise<void> {
    await this.asking?.close();
    await this.pool.close();
  }

  private alone<T>(ask: (session: Session) => Promise<T>): Promise<T> {
    return this.guard("Reading", () =>
      this.retry(() => this.connected((connection) => ask(new Session(connection)))),
    );
  }

  private async attempt<T>(
    connection: Connection,
    work: (session: Session) => Promise<T>,
    readOnly: boolean,
  ): Promise<T> {
    const session: Session = new Session(connection, (lost) => this.settle(session, lost));
    const begun = session.begin({ readOnly });
    begun.catch(() => undefined);
    let result: T;
    try {
      result = await work(session);
      if (session.isCommitted) return result;
      await begun;
      if (session.failure !== undefined) throw session.failure;
    } catch (error) {
      const { failure } = session;
      if (session.isUnsettled) throw error;
      if (!isLost(failure)) await session.query("rollback");
      if (mayPass(failure)) throw failure;
      throw failure === undefined ? new Own(error) : error;
    }
    try {
      await session.query("commit");
    } catch (error) {
      if (!isLost(error)) throw error;
      await this.settle(session, error);
    }
    return result;
  }

  /**
   * Whom to ask further after a commit that was made and not answered; throws what was lost where it wasn't made, and a
   * Fault where nobody can tell.
   */
  private async settle(session: Session, lost: unknown): Promise<Statements> {
    // Apart: whoever asks holds a connection still.
    const asking = (this.asking ??= this.apart({ connections: 1 }));
    const committed = isCommitted(asking, session, lost, this.patience.lost).catch((error: unknown) => {
      throw new Fault(`Writing the catalogue ${this.address.described}`, {
        says: "the connection was lost in the commit, and what became of it can't be asked",
        left: "It may be recorded or not: run again, and what was made is taken over",
        cause: error,
      });
    });
    if (!(await committed)) throw lost;
    return asking;
  }

  private async connected<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    const connection = await this.pool.take();
    let reusable = false;
    try {
      const result = await work(connection);
      reusable = true;
      return result;
    } catch (error) {
      if (isLost(error)) this.pool.endIdle();
      else reusable = true;
      throw error;
    } finally {
      this.pool.give(connection, { reusable });
    }
  }

  private retry<T>(attempt: () => Promise<T>): Promise<T> {
    return withRetries(attempt, this.patience, () => this.servers.known);
  }

  /** What PostgreSQL, the network or TLS says becomes a fault; what is thrown by others goes through. */
  private async guard<T>(verb: "Reading" | "Writing", work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw error instanceof Own ? error.thrown : asFault(error, verb, this.address);
    }
  }
}

/** What the work of a transaction threw by itself: nothing of the database, whatever it looks like. */
class Own {
  constructor(readonly thrown: unknown) {}
}

function mayPass(failure: unknown): boolean {
  return isLost(failure) || isConflict(failure);
}
