import { execFile, spawn, spawnSync } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { chown, mkdtemp, open, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { promisify } from "node:util";
import { Client } from "pg";
import type { QueryResultRow } from "pg";
import { endingWithUs } from "./ending-with-us";
import { freePort } from "./free-port";
import { vanishWithUs } from "./vanishing";

const SUPERUSER = "postgres";
const LEAST_VERSION = 15;

export type PostgresSettings = Readonly<Record<string, string | number>>;

/** Small and quick to start, and as careful with what it commits as any. */
const SETTINGS: PostgresSettings = {
  shared_buffers: "16MB",
  min_wal_size: "32MB",
  max_connections: 100,
  jit: "off",
  // A standby looks again soon for a server that was away.
  wal_retrieve_retry_interval: "200ms",
};

/** Folder of initdb and postgres, in the highest version that there is. */
function findPrograms(): string | undefined {
  const debian = "/usr/lib/postgresql";
  const versions = existsSync(debian) ? readdirSync(debian).map(Number) : [];
  const packaged = versions
    .filter((version) => version >= LEAST_VERSION)
    .sort((a, b) => b - a)
    .map((version) => path.join(debian, String(version), "bin"));
  const onPath = (process.env.PATH ?? "").split(path.delimiter);
  return [...packaged, ...onPath].find((folder) => folder && existsSync(path.join(folder, "initdb")));
}

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
  private child: ChildProcess | undefined;
  private made = 0;
  private readonly clients = new Set<Client>();
  private administrator: Promise<Client> | undefined;
  private asked = 0;

  private constructor(
    private readonly folder: string,
    private listensAt: number,
    private readonly password: string,
    private readonly settings: PostgresSettings,
  ) {
    process.once("exit", this.kill);
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
    await execute("initdb", ["--no-sync", ...locale, ...access, path.join(folder, "data")], folder);
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
  async run(): Promise<void> {
    const own = { port: this.port, listen_addresses: "127.0.0.1", unix_socket_directories: this.folder };
    const options = Object.entries({ ...this.settings, ...own }).flatMap(([name, value]) => [
      "-c",
      `${name}=${value}`,
    ]);
    const log = await open(this.logFile, "a");
    const [program, args] = endingWithUs(programPath("postgres"), ["-D", this.data, ...options], "QUIT");
    const child = spawn(program, args, {
      ...identity(),
      cwd: this.folder,
      stdio: ["ignore", log.fd, log.fd],
    });
    child.unref();
    this.child = child;
    await log.close();
    for (let tries = 0; tries < 1200; tries++) {
      if (child.exitCode !== null) throw new Error(`PostgreSQL ended:\n${await this.log()}`);
      if (await this.answers()) return;
      await wait(25);
    }
    throw new Error(`PostgreSQL doesn't answer:\n${await this.log()}`);
  }

  /** Ends it as a crash does: no connection is closed in order, and the next run has to recover. */
  async end(): Promise<void> {
    await this.stop("SIGQUIT");
  }

  /** Ends it as an administrator does: transactions are rolled back, connections told (57P01). */
  async shutDown(): Promise<void> {
    await this.stop("SIGINT");
  }

  async restart(): Promise<void> {
    await this.shutDown();
    await this.run();
  }

  async remove(): Promise<void> {
    process.off("exit", this.kill);
    for (const client of this.clients) await client.end().catch(() => undefined);
    await this.end();
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  /** A second server that has all that this one committed: a commit here waits for it from now on. */
  async standby(port?: number): Promise<PostgresServer> {
    const folder = await newFolder();
    const source = `host=127.0.0.1 port=${this.port} user=${SUPERUSER} password=${this.password}`;
    const copy = ["--write-recovery-conf", "--checkpoint=fast", "--no-sync", "--wal-method=stream"];
    await execute("pg_basebackup", [...copy, "-d", source, "-D", path.join(folder, "data")], folder);
    const standby = new PostgresServer(folder, port ?? (await freePort()), this.password, this.settings);
    await standby.run();
    await this.query("postgres", "alter system set synchronous_standby_names = '*'");
    await this.query("postgres", "select pg_reload_conf()");
    return standby;
  }

  /** Ends a standby's being one. With the port of the server that it stood by, which must have ended, clients find it. */
  async promote(port = this.port): Promise<void> {
    await this.query("postgres", "select pg_promote()");
    if (port === this.port) return;
    await this.shutDown();
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
    const { username } = new URL(source.url);
    await this.query("postgres", `create database ${name} template ${source.name} owner ${username}`);
    const url = new URL(source.url);
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
  async query<Row extends QueryResultRow>(
    database: TestDatabase | string,
    sql: string,
    values: unknown[] = [],
  ): Promise<Row[]> {
    if (database === "postgres") return this.administer<Row>(sql, values);
    const client = await connected(this.superuserUrl(database));
    try {
      return (await client.query<Row>(sql, values)).rows;
    } finally {
      await client.end();
    }
  }

  /** By one connection for all that isn't about a single database: to open one costs more than most that is asked. */
  private async administer<Row extends QueryResultRow>(sql: string, values: unknown[]): Promise<Row[]> {
    const client = await (this.administrator ??= this.newAdministrator());
    const { ref, unref } = client as unknown as { ref(): void; unref(): void };
    this.asked++;
    ref.call(client);
    try {
      return (await client.query<Row>(sql, values)).rows;
    } finally {
      if (--this.asked === 0) unref.call(client);
    }
  }

  private async newAdministrator(): Promise<Client> {
    try {
      const client = await this.connect(this.superuserUrl("postgres"));
      client.once("end", () => (this.administrator = undefined));
      return client;
    } catch (error) {
      this.administrator = undefined;
      throw error;
    }
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
    const name = typeof database === "string" ? database : database.name;
    return this.url(name, SUPERUSER, this.password);
  }

  /** A connection that `remove` closes. It keeps no process from ending. */
  async connect(url: string): Promise<Client> {
    const client = await connected(url);
    (client as unknown as { unref(): void }).unref();
    this.clients.add(client);
    return client;
  }

  async disconnect(client: Client): Promise<void> {
    this.clients.delete(client);
    await client.end();
  }

  /** Cuts all connections to a database, in the midst of whatever they do. Tells how many there were. */
  async terminateConnections(database: TestDatabase): Promise<number> {
    const terminate =
      "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and pid <> pg_backend_pid()";
    return (await this.query(database, terminate, [database.name])).length;
  }

  log(): Promise<string> {
    return readFile(this.logFile, "utf8");
  }

  private get data(): string {
    return path.join(this.folder, "data");
  }

  private get logFile(): string {
    return path.join(this.folder, "log");
  }

  private url(database: string, login: string, password: string): string {
    return `postgres://${login}:${password}@127.0.0.1:${this.port}/${database}`;
  }

  private async answers(): Promise<boolean> {
    return this.query("postgres", "select 1").then(
      () => true,
      () => false,
    );
  }

  private async stop(signal: NodeJS.Signals): Promise<void> {
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    child.ref();
    await once(child, "exit");
  }

  /** When this process ends with no call of `remove`. */
  private readonly kill = () => this.child?.kill("SIGQUIT");
}

async function connected(connectionString: string): Promise<Client> {
  const client = new Client({ connectionString });
  // Told by the next query, where it matters.
  client.on("error", () => undefined);
  await client.connect();
  return client;
}

function secret(): string {
  return randomBytes(12).toString("hex");
}

function programPath(name: string): string {
  return path.join(findPrograms()!, name);
}

/** Whom PostgreSQL's programs run as: they refuse root. */
function identity(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  for (const user of ["postgres", "nobody"]) {
    const [uid, gid] = ["-u", "-g"].map((option) => {
      const found = spawnSync("id", [option, user], { encoding: "utf8" });
      return found.status === 0 ? Number(found.stdout) : undefined;
    });
    if (uid !== undefined && gid !== undefined) return { uid, gid };
  }
  throw new Error("PostgreSQL doesn't run as root, and there is no user postgres or nobody.");
}

/** Gives a file to whom PostgreSQL's programs run as. */
export async function own(file: string): Promise<void> {
  const user = identity();
  if (user) await chown(file, user.uid, user.gid);
}

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), "images-postgres-"));
  await own(folder);
  return folder;
}

async function execute(program: string, args: string[], cwd: string): Promise<void> {
  await promisify(execFile)(programPath(program), args, { ...identity(), cwd });
}
