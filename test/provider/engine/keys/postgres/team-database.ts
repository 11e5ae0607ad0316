import { AppliedSetup } from "../../../../../provider/engine/catalog/postgres/applied-setup";
import { PostgresDatabase } from "../../../../../provider/engine/catalog/postgres/database";
import { DEFAULT_QUOTAS } from "../../../../../provider/engine/model";
import { PostgresServer } from "../../../../support/postgres-server";
import type { TestDatabase } from "../../../../support/postgres-server";

/** A database with regions local (accounts default and web) and remote (default), and a login that is all of them. */
export class TeamDatabase {
  private readonly opened: PostgresDatabase[] = [];

  private constructor(
    readonly server: PostgresServer,
    readonly database: TestDatabase,
  ) {}

  static async make(): Promise<TeamDatabase> {
    const server = await PostgresServer.shared();
    const team = new TeamDatabase(server, await server.newDatabase());
    const account = (name: string) => ({ name, role: team.role(name), quotas: DEFAULT_QUOTAS });
    const setup = new AppliedSetup(team.database.url);
    await setup.apply({
      disks: "s3://none",
      keys: "folder:///none",
      regions: [
        { name: "local", accounts: [account("default"), account("web")], offered: [] },
        { name: "remote", accounts: [account("default")], offered: [] },
      ],
    });
    await setup.close();
    return team;
  }

  /** URL of a new login that is these accounts. */
  login(...accounts: string[]): Promise<string> {
    return this.server.newLogin(this.database, ...accounts.map((name) => this.role(name)));
  }

  async connectAs(...accounts: string[]): Promise<PostgresDatabase> {
    const database = new PostgresDatabase(await this.login(...accounts));
    this.opened.push(database);
    return database;
  }

  /** Forgets all keys. */
  async empty(): Promise<void> {
    await this.server.query(this.database, "truncate images.master_keys cascade");
  }

  async close(): Promise<void> {
    for (const database of this.opened) await database.close();
  }

  private role(account: string): string {
    return `${this.database.name}_${account}`;
  }
}
