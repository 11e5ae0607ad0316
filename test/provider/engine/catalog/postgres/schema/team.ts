import { expect } from "chai";
import type { Client, QueryResultRow } from "pg";
import { DEFAULT_SETTINGS } from "../../../../../../provider/engine/catalog/catalog-settings";
import { DEFAULT_QUOTAS, type Quotas } from "../../../../../../provider/engine/model";
import {
  describeWithPostgres,
  PostgresServer,
  type TestDatabase,
} from "../../../../../support/postgres-server";
import { preparedDatabase } from "../prepared-database";

const AMPLE: Quotas = { privateImages: 1000, membersPerImage: 100, acceptedShares: 100, snapshots: 1000 };
export const ACCOUNTS = ["acme", "partner", "third"] as const;
export type Account = (typeof ACCOUNTS)[number];

/** What PostgreSQL refuses by: its code, and the rule where it is one of ours. */
export interface Refusal {
  code: string;
  rule?: string;
  message: string;
}

/** Someone with plain SQL and a login, going round our code. */
export class Someone {
  private left: Promise<void> | undefined;

  constructor(
    private readonly server: PostgresServer,
    private readonly client: Client,
  ) {}

  async query<Row extends QueryResultRow>(text: string, values: unknown[] = []): Promise<Row[]> {
    return (await this.client.query<Row>(text, values)).rows;
  }

  /** Calls a function of the schema. */
  async call<T>(name: string, ...args: unknown[]): Promise<T> {
    const places = args.map((_, index) => `$${index + 1}`).join(", ");
    const [row] = await this.query<{ answer: T }>(`select images.${name}(${places}) as answer`, args);
    return row!.answer;
  }

  /** What a statement is refused by; fails where it isn't. */
  async refused(text: string, values: unknown[] = []): Promise<Refusal> {
    try {
      await this.client.query(text, values);
    } catch (error) {
      const { code, constraint: rule, message } = error as Error & { code: string; constraint?: string };
      await this.client.query("rollback").catch(() => undefined);
      return { code, rule, message };
    }
    return expect.fail(`not refused: ${text}`);
  }

  onNotice(listen: (text: string) => void): void {
    this.client.on("notice", ({ message }) => listen(message ?? ""));
  }

  /** Closes the connection. */
  async leave(): Promise<void> {
    this.left ??= this.server.disconnect(this.client);
    return this.left;
  }

  async refusedCall(name: string, ...args: unknown[]): Promise<string | undefined> {
    const places = args.map((_, index) => `$${index + 1}`).join(", ");
    const { code, rule, message } = await this.refused(`select images.${name}(${places})`, args);
    expect(code, message).to.match(/^IM\d{3}$/);
    return rule;
  }
}

/** A region `local` (and `far`) of three accounts, each with a login of its own. */
export class Team {
  private static readonly connected = new Set<Someone>();
  private readonly everyone = new Map<string, Someone>();

  private constructor(
    readonly server: PostgresServer,
    readonly database: TestDatabase,
    readonly roleOf: (account: string) => string,
  ) {}

  static async found(quotas: Partial<Quotas> = AMPLE, accounts: readonly string[] = ACCOUNTS): Promise<Team> {
    const server = await PostgresServer.shared();
    const own = accounts.map((name) => ({ name, quotas: { ...DEFAULT_QUOTAS, ...quotas } }));
    const { database, roleOf } = await preparedDatabase(server, {
      ...DEFAULT_SETTINGS,
      regions: ["local", "far"].map((name) => ({ name, accounts: own })),
    });
    return new Team(server, database, roleOf);
  }

  /** Closes the connections of all teams. */
  static async disband(): Promise<void> {
    await Promise.all([...this.connected].map((someone) => someone.leave()));
    this.connected.clear();
  }

  /** The one who is always the same account. */
  async as(account: string): Promise<Someone> {
    const known = this.everyone.get(account);
    if (known) return known;
    const someone = await this.another(account);
    this.everyone.set(account, someone);
    return someone;
  }

  /** Those who are always the same accounts. */
  all<Names extends string[]>(...accounts: Names): Promise<{ [index in keyof Names]: Someone }> {
    return Promise.all(accounts.map((account) => this.as(account))) as Promise<{
      [index in keyof Names]: Someone;
    }>;
  }

  /** A connection of its own, with a login of its own. */
  async another(...accounts: string[]): Promise<Someone> {
    return this.connect(await this.login(...accounts));
  }

  /** Endpoint of a new login that is a member of the accounts' roles. */
  login(...accounts: string[]): Promise<string> {
    return this.server.newLogin(this.database, ...accounts.map(this.roleOf));
  }

  async operator(): Promise<Someone> {
    return this.connect(this.database.url);
  }

  async superuser(): Promise<Someone> {
    return this.connect(this.server.superuserUrl(this.database));
  }

  private async connect(url: string): Promise<Someone> {
    const someone = new Someone(this.server, await this.server.connect(url));
    Team.connected.add(someone);
    return someone;
  }

  /** Rows by the superuser, whom nothing is hidden from. */
  rows<Row extends QueryResultRow>(text: string, values: unknown[] = []): Promise<Row[]> {
    return this.server.query<Row>(this.database, text, values);
  }
}

/** A suite about the schema, for which PostgreSQL is needed: with it the connections of its teams end. */
export function describeSchema(title: string, define: (this: Mocha.Suite) => void): void {
  describeWithPostgres(title, function () {
    after(() => Team.disband());
    define.call(this);
  });
}

/** A key that there is no other like. */
let keys = 0;
export async function newKey(
  someone: Someone,
  account: string,
  given: { purpose?: "sealing"; isDefault?: boolean } = {},
): Promise<string> {
  const id = `key-${(++keys).toString(16).padStart(12, "0")}`;
  await someone.call("put_master_key", {
    ...{ id, region: "local", account, name: id, isDefault: false, disabled: false, version: 1 },
    ...given,
  });
  return id;
}

export async function change(someone: Someone, key: string, changes: object): Promise<void> {
  const before = await someone.call<object>("master_key", key);
  await someone.call("put_master_key", { ...before, ...changes });
}

export function wrappedBy(key: string, version = 1): string {
  return `v1.${key}.${version}.${"A".repeat(80)}`;
}
