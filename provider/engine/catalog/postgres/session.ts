import { Batch, type Asked } from "./batch";
import type { Connection } from "./connection";
import { isLost } from "./failures";
import type { Proof } from "./lost-commits";

/** What can be asked of a database within a transaction, or without one. */
export interface Statements {
  /** Rows of a statement that has `$1`, `$2`, … for each parameter. */
  query<Row>(text: string, parameters?: readonly unknown[]): Promise<Row[]>;
}

/** Whatever the login's default is: rules are kept by locks, which see what others have committed. */
const BEGIN = "begin isolation level read committed read write";
const BEGIN_READING = "begin isolation level repeatable read read only";

/** One transaction, as far as it has come. Statements that don't wait for each other's answers share a round trip. */
export class Session implements Statements {
  /** The ID of a transaction that writes: what became of it can be asked by that. */
  xid: string | undefined;
  /** Of what was written; without it all may be done again. */
  proof: Proof | undefined;
  /** The first thing that the database or the network refused: all that follows fails for it. */
  failure: unknown;
  /** It has ended well: what was written last was committed with it. */
  isCommitted = false;
  /** It may have ended well: nobody could be asked. */
  isUnsettled = false;
  private begun: Promise<unknown> | undefined;
  private waiting: Asked[] = [];

  /**
   * `settle`: asks what became of a transaction whose commit was under way when the connection was lost; resolves with
   * whom to ask further where it was committed, and throws what was lost where it wasn't.
   */
  constructor(
    private readonly connection: Connection,
    private readonly settle?: (lost: unknown) => Promise<Statements>,
  ) {}

  /** Goes out together with what is asked first. */
  async begin({ readOnly }: { readOnly: boolean }): Promise<void> {
    this.begun = readOnly ? this.query(BEGIN_READING) : this.beginWriting();
    await this.begun;
  }

  query<Row>(text: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    return new Promise((resolve, reject) => {
      this.waiting.push({
        text,
        parameters,
        resolve: resolve as Asked["resolve"],
        reject: (error) => {
          this.failure ??= error;
          reject(error as Error);
        },
      });
      // Once nothing else is to be done at once: what is asked until then goes with it.
      if (this.waiting.length === 1) process.nextTick(() => this.send());
    });
  }

  /** Calls a function of ours. */
  async call<T>(name: string, ...args: readonly unknown[]): Promise<T> {
    const places = args.map((_, index) => `$${index + 1}`).join(", ");
    const [row] = await this.query<{ answer: T }>(`select images.${name}(${places}) as answer`, args);
    return row!.answer;
  }

  /**
   * The same, and commits in the same round trip: the last that is asked of this transaction. `again`: asks for the
   * answer where it was lost with the connection.
   */
  async callLast<T>(
    name: string,
    args: readonly unknown[],
    again: (statements: Statements) => Promise<T>,
  ): Promise<T> {
    // What became of a transaction without an ID couldn't be asked.
    await this.begun;
    const answering = this.call<T>(name, ...args);
    const committing = this.query("commit");
    try {
      const [answer] = await Promise.all([answering, committing]);
      this.isCommitted = true;
      return answer;
    } catch (error) {
      if (!isLost(error)) throw error;
      return again(await this.settled(error));
    }
  }

  private async settled(lost: unknown): Promise<Statements> {
    if (!this.settle) throw lost;
    try {
      const statements = await this.settle(lost);
      this.isCommitted = true;
      return statements;
    } catch (error) {
      this.isUnsettled = error !== lost;
      throw error;
    }
  }

  private async beginWriting(): Promise<void> {
    const begun = this.query(BEGIN);
    const [[row]] = await Promise.all([
      this.query<{ xid: string }>("select pg_current_xact_id()::text as xid"),
      begun,
    ]);
    this.xid = row!.xid;
  }

  private send(): void {
    const { client, prepared, types } = this.connection;
    client.query(new Batch(this.waiting, prepared, types));
    this.waiting = [];
  }
}
