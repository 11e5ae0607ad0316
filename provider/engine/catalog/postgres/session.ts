import type { Client } from "pg";

/** Statements that are kept prepared, by connection; a catalogue's have fewer shapes. */
const MOST_PREPARED = 500;
const names = new Map<string, string>();

/** What can be asked of a database within a transaction, or without one. */
export interface Statements {
  /** Rows of a statement that has `$1`, `$2`, … for each parameter. */
  query<Row>(text: string, parameters?: readonly unknown[]): Promise<Row[]>;
}

/** One transaction, as far as it has come. Statements that don't wait for each other share a round trip. */
export class Session implements Statements {
  /** The transaction's ID, known once it has written: what became of it can be asked by that. */
  xid: string | undefined;
  /** Answers with a row where the transaction was committed: an ID may be another transaction's after a failover. */
  proof: { text: string; parameters: readonly unknown[] } | undefined;
  /** The first thing that the database or the network refused: all that follows fails for it. */
  failure: unknown;

  constructor(private readonly client: Client) {}

  async query<Row>(text: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    try {
      const values = parameters as unknown[];
      const { rows } = await this.client.query({ text, values, name: nameOf(text, parameters) });
      return rows as Row[];
    } catch (error) {
      this.failure ??= error;
      throw error;
    }
  }

  /** Calls a function of ours that writes. */
  async call<T>(name: string, ...args: readonly unknown[]): Promise<T> {
    const places = args.map((_, index) => `$${index + 1}`).join(", ");
    const text = `select images.${name}(${places}) as answer, pg_current_xact_id()::text as xid`;
    const [row] = await this.query<{ answer: T; xid: string }>(text, args);
    this.xid = row!.xid;
    return row!.answer;
  }
}

function nameOf(text: string, parameters: readonly unknown[]): string | undefined {
  if (parameters.length === 0) return undefined;
  const known = names.get(text);
  if (known !== undefined || names.size >= MOST_PREPARED) return known;
  const name = `s${names.size}`;
  names.set(text, name);
  return name;
}
