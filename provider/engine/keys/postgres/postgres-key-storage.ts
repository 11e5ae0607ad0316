import type { PostgresDatabase } from "../../catalog/postgres/database";
import { isRefusal } from "../../catalog/postgres/failures";
import { audited } from "../../catalog/postgres/lost-commits";
import type { Statements } from "../../catalog/postgres/session";
import { Fault } from "../../violation";
import type { KeyChange, KeyStorage, StoredKeys } from "../key-storage";
import type { StoredKey } from "../stored-key";

/** Which keys a login works on, and by what. */
interface Reach {
  all: string;
  find: string;
  lock: string;
  put: string;
}

const NOW = "select null as answer, clock_timestamp() as now";

const REACHES = {
  own: {
    all: "select coalesce(jsonb_agg(key), '[]') as answer, clock_timestamp() as now from images.master_key_list() as key",
    find: "select images.master_key($1) as answer, clock_timestamp() as now",
    lock: "select images.lock_master_keys()",
    put: "put_master_key",
  },
  /* By the rights of the tables' owner. */
  allAccounts: {
    all: `select coalesce(jsonb_agg(images.as_key(key) order by created_at, id), '[]') as answer, clock_timestamp() as now
      from images.master_keys as key`,
    find: `select (select images.as_key(key) from images.master_keys as key where id = $1) as answer,
      clock_timestamp() as now`,
    lock: "select from images.accounts order by id for no key update",
    put: "put_account_key",
  },
} satisfies Record<string, Reach>;

interface Answer<T> {
  answer: T;
  /** RFC 3339, UTC. */
  now: string;
}

/** What is known of keys, in a team's database. */
export class PostgresKeyStorage implements KeyStorage {
  private readonly keys: StoredKeys;
  private readonly reach: Reach;
  private clock: { server: number; here: number } | undefined;

  /** Whoever opened the database closes it. `of`: the keys of the login's own accounts, or, for the operator, of all. */
  constructor(
    private readonly database: PostgresDatabase,
    of: keyof typeof REACHES = "own",
  ) {
    this.reach = REACHES[of];
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
        await session.query(this.reach.lock);
        const put = (key: StoredKey) => {
          session.proof = audited("key", key.id);
          return session.call<StoredKey>(this.reach.put, JSON.stringify(key));
        };
        return change({ ...this.over(session), put });
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
      all: () => this.ask<StoredKey[]>(statements, this.reach.all),
      find: async (id) => (await this.ask<StoredKey | null>(statements, this.reach.find, [id])) ?? undefined,
    };
  }

  private async ask<T>(statements: Statements, text: string, parameters: unknown[] = []): Promise<T> {
    const [row] = await statements.query<Answer<T>>(text, parameters);
    this.clock = { server: Date.parse(row!.now), here: performance.now() };
    return row!.answer;
  }
}
