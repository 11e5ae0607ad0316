import type { CustomTypesConfig, Submittable } from "pg";

/** A statement that has `$1`, `$2`, … for each parameter, and who waits for its rows. */
export interface Asked {
  text: string;
  parameters: readonly unknown[];
  resolve(rows: unknown[]): void;
  reject(error: unknown): void;
}

/** Names of the statements that a connection has prepared, by their texts. */
export class Prepared {
  private readonly names = new Map<string, string>();
  private made = 0;

  /** The name to prepare the text by, or under which it is already; "" for none where there are too many. */
  nameOf(text: string): { name: string; isNew: boolean } {
    const known = this.names.get(text);
    if (known !== undefined) return { name: known, isNew: false };
    if (this.names.size >= MOST_PREPARED) return { name: "", isNew: true };
    const name = `s${++this.made}`;
    this.names.set(text, name);
    return { name, isNew: true };
  }

  /** Nobody knows how far the server got with it: it gets another name. */
  forget(text: string): void {
    this.names.delete(text);
  }
}

/** A catalogue's statements have fewer shapes. */
const MOST_PREPARED = 500;

/**
 * Statements that go out in one packet and are answered in one. Where one fails, all fail for it: the server tells that
 * a statement of its own is done before it commits it.
 */
export class Batch implements Submittable {
  /** pg's own, by which it stops waiting. */
  callback?: () => void;
  private readonly fresh = new Set<Asked>();
  private readonly answers: unknown[][] = [];
  private columns: Column[] = [];
  private rows: unknown[] = [];

  constructor(
    private readonly statements: readonly Asked[],
    private readonly prepared: Prepared,
    private readonly types: CustomTypesConfig,
  ) {}

  submit(connection: unknown): void {
    const wire = connection as Wire;
    wire.stream.cork();
    for (const asked of this.statements) {
      const { name, isNew } = this.prepared.nameOf(asked.text);
      if (isNew) {
        this.fresh.add(asked);
        wire.parse({ name, text: asked.text });
      }
      wire.bind({ statement: name, values: asked.parameters.map(asText) });
      wire.describe({ type: "P" });
      wire.execute();
    }
    wire.sync();
    wire.stream.uncork();
  }

  handleRowDescription({ fields }: { fields: { name: string; dataTypeID: number }[] }): void {
    this.columns = fields.map(({ name, dataTypeID }) => ({
      name,
      parse: this.types.getTypeParser(dataTypeID, "text") as Column["parse"],
    }));
  }

  handleDataRow({ fields }: { fields: (string | null)[] }): void {
    const row: Record<string, unknown> = {};
    for (const [index, { name, parse }] of this.columns.entries()) {
      const text = fields[index] ?? null;
      row[name] = text === null ? null : parse(text);
    }
    this.rows.push(row);
  }

  handleCommandComplete(): void {
    this.answers.push(this.rows);
    this.rows = [];
  }

  handleReadyForQuery(): void {
    this.end();
  }

  handleError(error: unknown): void {
    for (const asked of this.statements.slice(this.answers.length)) {
      if (this.fresh.has(asked)) this.prepared.forget(asked.text);
    }
    this.end(error);
  }

  private end(error?: unknown): void {
    this.callback?.();
    for (const [index, asked] of this.statements.entries()) {
      const rows = this.answers[index];
      if (rows && error === undefined) asked.resolve(rows);
      else asked.reject(error);
    }
  }
}

interface Column {
  name: string;
  parse(text: string): unknown;
}

/** What pg's connections have; its types tell otherwise. */
interface Wire {
  readonly stream: { cork(): void; uncork(): void };
  parse(statement: { name: string; text: string }): void;
  bind(portal: { statement: string; values: (string | null)[] }): void;
  describe(what: { type: "P" }): void;
  execute(): void;
  sync(): void;
}

/** As PostgreSQL reads values of any type: arrays of texts and numbers too. */
function asText(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  return Array.isArray(value) ? `{${value.map(asElement).join(",")}}` : String(value);
}

function asElement(value: unknown): string {
  return value === null ? "null" : `"${String(value).replace(/[\\"]/g, "\\$&")}"`;
}
