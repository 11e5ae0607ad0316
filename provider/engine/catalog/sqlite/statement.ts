import { CompiledQuery, type Kysely } from "kysely";
import type { Tables } from "./tables";

/**
 * Runs a statement as it is written, with `?` for each parameter. For those of every creation: to build and compile a
 * query takes longer than SQLite does to run it, and all that while other processes wait for the lock.
 */
export async function runStatement<Row>(
  db: Kysely<Tables>,
  text: string,
  parameters: readonly unknown[] = [],
): Promise<Row[]> {
  const { rows } = await db.executeQuery<Row>(CompiledQuery.raw(text, [...parameters]));
  return rows;
}

/** `insert into <table>` of rows that have the same columns. */
export function insertText(table: string, rows: readonly object[]): string {
  const columns = Object.keys(rows[0] ?? {});
  const values = `(${columns.map(() => "?").join(", ")})`;
  return `insert into ${table} (${columns.join(", ")}) values ${rows.map(() => values).join(", ")}`;
}
