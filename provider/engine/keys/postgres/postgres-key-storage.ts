import type { PostgresDatabase } from "../../catalog/postgres/database";
import { isRefusal } from "../../catalog/postgres/failures";
import type { Session, Statements } from "../../catalog/postgres/session";
import { Fault } from "../../violation";
import type { KeyChange, KeyStorage, StoredKeys } from "../key-storage";
import type { StoredKey } from "../stored-key";

const ALL =
  "select coalesce(jsonb_agg(key), '[]') as answer, clock_timestamp() as now from images.master_key_list() as key";
const FIND = "select images.master_key($1) as answer, clock_timestamp() as now";
const NOW = "select null as answer, clock_timestamp() as now";

interface Answer<T> {
  answer: T;
  /** RFC 3339, UTC. */
  now: string;
}

/** What is known of keys, in a team's database: each login sees and changes those of its accounts. */
export class PostgresKeyStorage implements KeyStorage {
  private readonly keys: StoredKeys;
  private clock: { server: number; here: number } | undefined;

  /** Whoever opened the database closes it. */
  constructor(private readonly database: PostgresDatabase) {
    this.keys = this.over(database);
  }

  all(): Promise<StoredKey[]> {
    return this.keys.all();
  }

  find(id: string): Promise<StoredKey | undefined> {
    return this.keys.find(id);
  }

  /** The server's clock: those of the clients may differ. */
  async now(): Promise<Date> {
    if (!this.clock) await this.ask(this.database, NOW);
    const { server, here } = this.clock!;
    return new Date(server + performance.now() - here);
  }

  async exclusively<T>(change: (keys: KeyChange) => Promise<T>): Promise<T> {
    try {
      return await this.database.transaction(async (session) => {
        await session.query("select images.lock_master_keys()");
        return change({ ...this.over(session), put: (key) => put(session, key) });
      });
    } catch (error) {
      if (!isRefusal(error)) throw error;
      throw new Fault("Changing the master keys", {
        says: `the database refuses it: ${error.message}`,
        cause: error,
      });
    }
  }

  async close(): Promise<void> {}

  private over(statements: Statements): StoredKeys {
    return {
      all: () => this.ask<StoredKey[]>(statements, ALL),
      find: async (id) => (await this.ask<StoredKey | null>(statements, FIND, [id])) ?? undefined,
    };
  }

  private async ask<T>(statements: Statements, text: string, parameters: unknown[] = []): Promise<T> {
    const [row] = await statements.query<Answer<T>>(text, parameters);
    this.clock = { server: Date.parse(row!.now), here: performance.now() };
    return row!.answer;
  }
}

function put(session: Session, key: StoredKey): Promise<StoredKey> {
  return session.call<StoredKey>("put_master_key", JSON.stringify(key));
}
