import { randomBytes } from "node:crypto";
import { rm, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Client, QueryResultRow } from "pg";
import { freePort } from "./free-port";
import { Connections } from "./postgres/connections";
import { PostgresProcess } from "./postgres/postgres-process";
import type { PostgresSettings } from "./postgres/postgres-process";
import { dataIn, execute, findPrograms, newFolder, own } from "./postgres/programs";
import { vanishWithUs } from "./vanishing";

const SUPERUSER = "postgres";

/** Small and quick to start, and as careful with what it commits as any. */
const SETTINGS: PostgresSettings = {
  shared_buffers: "16MB",
  min_wal_size: "32MB",
  max_connections: 100,
  // A standby looks again soon for a server that was away.
  wal_retrieve_retry_interval: "200ms",
};

/** What an administrator does from PostgreSQL 16 on, where one server has regions of several operators. */
function lettingShareClients(operator: string): string {
  return `do $$ begin
    if current_setting('server_version_num')::int >= 160000 then
      if not exists (select from pg_roles where rolname = 'images_client') then
        create role images_client nologin;
      end if;
      grant images_client to ${operator} with admin option;
    end if;
  end $$`;
}

/** A suite that needs PostgreSQL: skipped where it isn't installed. */
export function describeWithPostgres(title: string, define: (this: Mocha.Suite) => void): void {
  (findPrograms() ? describe : describe.skip)(title, define);
}

export interface TestDatabase {
  readonly name: string;
  /** As its owner: an operator who may create roles, but is no superuser. */
  readonly url: string;
}

/** A real PostgreSQL of its own, on a port of this machine, with data that live as long as it. */
export class PostgresServer {
  private static sharedServer: Promise<PostgresServer> | undefined;
  private readonly process: PostgresProcess;
  private readonly connections: Connections;
  private made = 0;

  private constructor(
    private readonly folder: string,
    private listensAt: number,
    private readonly password: string,
    private readonly settings: PostgresSettings,
  ) {
    this.process = new PostgresProcess(folder, settings);
    this.connections = new Connections((database) => this.superuserUrl(database));
    vanishWithUs(folder);
  }

  static async start(settings: PostgresSettings = {}): Promise<PostgresServer> {
    const folder = await newFolder();
    const password = secret();
    const passwordFile = path.join(folder, "password");
    await writeFile(passwordFile, password);
    await own(passwordFile);
    // Sorted as a language does it, not by bytes, as most databases are.
    const locale = ["--encoding=UTF8", "--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=en-US"];
    const access = [`--username=${SUPERUSER}`, "--auth=scram-sha-256", `--pwfile=${passwordFile}`];
    await execute("initdb", ["--no-sync", ...locale, ...access, dataIn(folder)], folder);
    const server = new PostgresServer(folder, await freePort(), password, { ...SETTINGS, ...settings });
    await server.run();
    return server;
  }

  /**
   * One for all suites of this process, ended with it: for tests that leave the server itself alone. It never crashes,
   * and so waits for no disk: databases are made and dropped by the hundred.
   */
  static shared(): Promise<PostgresServer> {
    return (this.sharedServer ??= this.start({ fsync: "off" }));
  }

  get port(): number {
    return this.listensAt;
  }

  /** Serves again what it served before it was ended. */
  run(): Promise<void> {
    return this.process.run(this.port, () =>
      this.query("postgres", "select 1").then(
        () => true,
        () => false,
      ),
    );
  }

  /** Ends it as a crash does: no connection is closed in order, and the next run has to recover. */
  end(): Promise<void> {
    return this.process.stop("SIGQUIT");
  }

  /** Ends it as an administrator does: transactions are rolled back, connections told (57P01). */
  shutDown(): Promise<void> {
    return this.process.stop("SIGINT");
  }

  async restart(): Promise<void> {
    await this.shutDown();
    await this.run();
  }

  async remove(): Promise<void> {
    this.process.forget();
    await this.connections.close();
    await this.end();
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  /** A second server that has all that this one committed: a commit here waits for it from now on. */
  async standby(port?: number): Promise<PostgresServer> {
    const folder = await newFolder();
    const source = `host=127.0.0.1 port=${this.port} user=${SUPERUSER} password=${this.password}`;
    const copy = ["--write-recovery-conf", "--checkpoint=fast", "--no-sync", "--wal-method=stream"];
    await execute("pg_basebackup", [...copy, "-d", source, "-D", dataIn(folder)], folder);
    const standby = new PostgresServer(folder, port ?? (await freePort()), this.password, this.settings);
    await standby.run();
    await this.query("postgres", "alter system set synchronous_standby_names = '*'");
    await this.query("postgres", "select pg_reload_conf()");
    return standby;
  }

  /** Another server with this one's superuser, on data that `bring` puts where it is told. */
  async onData(bring: (data: string) => Promise<void>): Promise<PostgresServer> {
    const folder = await newFolder();
    await bring(dataIn(folder));
    const server = new PostgresServer(folder, await freePort(), this.password, this.settings);
    await server.run();
    return server;
  }

  /** Ends a standby's being one. With the port of the server that it stood by, which must have ended, clients find it. */
  async promote(port = this.port): Promise<void> {
    await this.query("postgres", "select pg_promote()");
    if (port === this.port) return;
    await this.shutDown();
    await this.connections.close();
    this.listensAt = port;
    await this.run();
  }

  async newDatabase(): Promise<TestDatabase> {
    const name = `region_${process.pid}_${++this.made}`;
    const [operator, password] = [`${name}_operator`, secret()];
    await this.query("postgres", `create role ${operator} login createrole password '${password}'`);
    await this.query("postgres", lettingShareClients(operator));
    await this.query("postgres", `create database ${name} owner ${operator}`);
    return { name, url: this.url(name, operator, password) };
  }

  /** A database with all that another one has, for the same operator and logins. Nobody may be connected to that. */
  async copyDatabase(source: TestDatabase): Promise<TestDatabase> {
    const name = `region_${process.pid}_${++this.made}`;
    const url = new URL(source.url);
    await this.query("postgres", `create database ${name} template ${source.name} owner ${url.username}`);
    // Copied with how far they are logged, sequences would count again after a crash what they have counted before it.
    await this.query(
      name,
      "select setval(format('%I.%I', schemaname, sequencename)::regclass, last_value) from pg_sequences",
    );
    url.pathname = name;
    return { name, url: url.href };
  }

  /** With whatever is connected to it. */
  async dropDatabase({ name }: TestDatabase): Promise<void> {
    await this.query("postgres", `drop database if exists ${name} with (force)`);
  }

  /** URL of a new login of its own, with a password, that is a member of these roles. */
  async newLogin(database: TestDatabase, ...roles: string[]): Promise<string> {
    const [login, password] = [`login_${process.pid}_${++this.made}`, secret()];
    await this.query("postgres", `create role ${login} login password '${password}'`);
    for (const role of roles) await this.query("postgres", `grant "${role}" to ${login}`);
    return this.url(database.name, login, password);
  }

  /** Rows of a statement by the superuser. */
  query<Row extends QueryResultRow>(
    database: TestDatabase | string,
    sql: string,
    values: unknown[] = [],
  ): Promise<Row[]> {
    return this.connections.query<Row>(nameOf(database), sql, values);
  }

  /** What PostgreSQL's own tools take to be its superuser. */
  get env(): NodeJS.ProcessEnv {
    return {
      PGHOST: "127.0.0.1",
      PGPORT: String(this.port),
      PGUSER: SUPERUSER,
      PGPASSWORD: this.password,
    };
  }

  superuserUrl(database: TestDatabase | string): string {
    return this.url(nameOf(database), SUPERUSER, this.password);
  }

  /** A connection that `remove` closes. It keeps no process from ending. */
  connect(url: string): Promise<Client> {
    return this.connections.open(url);
  }

  disconnect(client: Client): Promise<void> {
    return this.connections.end(client);
  }

  /** Cuts all connections to a database, in the midst of whatever they do. Tells how many there were. */
  async terminateConnections(database: TestDatabase): Promise<number> {
    const terminate =
      "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and pid <> pg_backend_pid()";
    return (await this.query(database, terminate, [database.name])).length;
  }

  log(): Promise<string> {
    return this.process.log();
  }

  private url(database: string, login: string, password: string): string {
    return `postgres://${login}:${password}@127.0.0.1:${this.port}/${database}`;
  }
}

function nameOf(database: TestDatabase | string): string {
  return typeof database === "string" ? database : database.name;
}

function secret(): string {
  return randomBytes(12).toString("hex");
}
