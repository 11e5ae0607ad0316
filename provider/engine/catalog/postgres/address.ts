import { readFileSync } from "node:fs";
import { ViolationError } from "../../violation";

export interface PostgresHost {
  /** Name, address, or the folder of a socket. */
  host: string;
  port: number;
}

/** As for libpq: `prefer` takes TLS where the server has it, `require` doesn't look at the certificate. */
export type SslMode = (typeof SSL_MODES)[number];
const SSL_MODES = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"] as const;

/** Where a database is and how it is reached, from a `postgres://` URL. */
export interface PostgresAddress {
  /** One or several servers of which one is the primary. */
  hosts: readonly PostgresHost[];
  database: string;
  user: string;
  /** Only where the URL has one. */
  password?: string;
  passfile?: string;
  ssl: { mode: SslMode; ca?: string; cert?: string; key?: string };
  connectTimeoutMs: number;
  /** The URL for messages: no password, no parameters. */
  described: string;
}

const PARAMETERS = [
  ...["host", "password", "passfile", "connect_timeout", "target_session_attrs"],
  ...["sslmode", "sslrootcert", "sslcert", "sslkey"],
] as const;

const SHAPE = /^postgres(?:ql)?:\/\/(?:([^@/?#]*)@)?([^/?#]*)(?:\/([^?#]*))?(?:\?([^#]*))?$/i;

const DEFAULT_PORT = 5432;
const DEFAULT_CONNECT_TIMEOUT_S = 10;

export function isPostgres(endpoint: string): boolean {
  return /^postgres(ql)?:/i.test(endpoint);
}

/** Throws ViolationError, which never repeats a password, for a URL that isn't one of a database. */
export function parseAddress(endpoint: string, env: NodeJS.ProcessEnv = process.env): PostgresAddress {
  const [, login = "", servers = "", path = "", query = ""] = SHAPE.exec(endpoint) ?? wrong("It isn't one");
  const given = parametersOf(query);
  const [user, password] = split(login, ":").map(decode);
  const database = decode(path);
  if (!user && !env.PGUSER) wrong("It names no login");
  if (!database) wrong("It names no database");
  const attributes = given.get("target_session_attrs");
  if (attributes !== undefined && !["any", "read-write", "primary"].includes(attributes)) {
    wrong("A region is written to, so that target_session_attrs can only be read-write");
  }
  const hosts = hostsOf(servers, given.get("host"), env);
  const where = servers || hosts.map(({ host }) => host).join(",");
  return {
    hosts,
    database: database!,
    user: user || env.PGUSER!,
    password: given.get("password") ?? (password || undefined),
    passfile: given.get("passfile"),
    ssl: sslOf(given, env),
    connectTimeoutMs: secondsOf(given.get("connect_timeout") ?? env.PGCONNECT_TIMEOUT) * 1000,
    described: `postgres://${user || env.PGUSER}@${where}/${database}`,
  };
}

function parametersOf(query: string): Map<string, string> {
  const given = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(query)) {
    if (!(PARAMETERS as readonly string[]).includes(name)) {
      wrong(`It has the parameter ${name}, and can have ${PARAMETERS.join(", ")}`);
    }
    given.set(name, value);
  }
  return given;
}

function hostsOf(servers: string, parameter: string | undefined, env: NodeJS.ProcessEnv): PostgresHost[] {
  const named = servers || parameter || env.PGHOST || "localhost";
  return named.split(",").map((server) => {
    const [, host = "", port] = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(server) ?? wrong("It names no server");
    const number = Number(port ?? env.PGPORT ?? DEFAULT_PORT);
    if (!(number > 0 && number < 65536)) wrong(`${number} isn't a port`);
    return { host: decode(host).replace(/^\[(.*)\]$/, "$1") || "localhost", port: number };
  });
}

function sslOf(given: ReadonlyMap<string, string>, env: NodeJS.ProcessEnv): PostgresAddress["ssl"] {
  const mode = given.get("sslmode") ?? env.PGSSLMODE ?? "prefer";
  if (!(SSL_MODES as readonly string[]).includes(mode)) {
    wrong(`Its sslmode is ${mode}, and can be ${SSL_MODES.join(", ")}`);
  }
  const file = (parameter: string, variable: string) => {
    const name = given.get(parameter) ?? env[variable];
    try {
      return name && name !== "system" ? readFileSync(name, "utf8") : undefined;
    } catch {
      return wrong(`Its ${parameter} ${name} can't be read`);
    }
  };
  return {
    mode: mode as SslMode,
    ca: file("sslrootcert", "PGSSLROOTCERT"),
    cert: file("sslcert", "PGSSLCERT"),
    key: file("sslkey", "PGSSLKEY"),
  };
}

function secondsOf(text: string | undefined): number {
  const seconds = Number(text ?? DEFAULT_CONNECT_TIMEOUT_S);
  return seconds > 0 ? seconds : wrong("Its connect_timeout isn't a number of seconds");
}

/** At the first separator; the second part is absent where there is none. */
function split(text: string, separator: string): [string, ...string[]] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return wrong("It has a % that isn't followed by two hexadecimal digits: write % as %25");
  }
}

function wrong(why: string): never {
  const reason =
    `The endpoint must be the URL of a region's database. ${why}. ` +
    "Write it as postgres://LOGIN@HOST:5432/DATABASE, with several hosts separated by commas where there are standbys.";
  throw new ViolationError([{ property: "endpoint", reason }]);
}
