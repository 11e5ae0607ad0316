import { Client, Pool } from "pg";
import type { QueryResultRow } from "pg";

/** Connections to one server, all of which `close` ends. None keeps this process from ending. */
export class Connections {
  private readonly clients = new Set<Client>();
  private administrator: Pool | undefined;

  constructor(private readonly superuserUrl: (database: string) => string) {}

  /** Rows of a statement by the superuser. */
  async query<Row extends QueryResultRow>(database: string, sql: string, values: unknown[]): Promise<Row[]> {
    if (database === "postgres") {
      this.administrator ??= this.newAdministrator();
      return (await this.administrator.query<Row>(sql, values)).rows;
    }
    const client = await connected(this.superuserUrl(database));
    try {
      return (await client.query<Row>(sql, values)).rows;
    } finally {
      await client.end();
    }
  }

  async open(url: string): Promise<Client> {
    const client = await connected(url);
    (client as unknown as { unref(): void }).unref();
    this.clients.add(client);
    return client;
  }

  async end(client: Client): Promise<void> {
    this.clients.delete(client);
    await client.end();
  }

  async close(): Promise<void> {
    for (const client of this.clients) await client.end().catch(() => undefined);
    await this.administrator?.end();
    this.administrator = undefined;
  }

  /** One connection for all that isn't about a single database: to open one costs more than most that is asked. */
  private newAdministrator(): Pool {
    const connectionString = this.superuserUrl("postgres");
    const pool = new Pool({ connectionString, max: 1, allowExitOnIdle: true });
    pool.on("error", toldByTheNextQuery);
    return pool;
  }
}

async function connected(connectionString: string): Promise<Client> {
  const client = new Client({ connectionString });
  client.on("error", toldByTheNextQuery);
  await client.connect();
  return client;
}

/** Where it matters. */
function toldByTheNextQuery(): void {}
