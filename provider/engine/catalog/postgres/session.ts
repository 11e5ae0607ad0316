import { Batch, type Asked } from "./batch";
import type { Connection } from "./connection";

/** What can be asked of a database within a transaction, or without one. */
export interface Statements {
  /** Rows of a statement that has `$1`, `$2`, … for each parameter. */
  query<Row>(text: string, parameters?: readonly unknown[]): Promise<Row[]>;
}

/** One transaction, as far as it has come. Statements that don't wait for each other's answers share a round trip. */
export class Session implements Statements {
  /** The transaction's ID: what became of it can be asked by that. */
  xid: string | undefined;
  /** Answers with a row where the transaction was committed: an ID may be another transaction's after a failover. */
  proof: { text: string; parameters: readonly unknown[] } | undefined;
  /** The first thing that the database or the network refused: all that follows fails for it. */
  failure: unknown;
  private waiting: Asked[] = [];

  constructor(private readonly connection: Connection) {}

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

  /** Calls a function of ours that writes. */
  async call<T>(name: string, ...args: readonly unknown[]): Promise<T> {
    const places = args.map((_, index) => `$${index + 1}`).join(", ");
    const [row] = await this.query<{ answer: T }>(`select images.${name}(${places}) as answer`, args);
    return row!.answer;
  }

  private send(): void {
    const { client, prepared, types } = this.connection;
    client.query(new Batch(this.waiting, prepared, types));
    this.waiting = [];
  }
}
