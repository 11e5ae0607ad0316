import { Client, types as builtIn } from "pg";
import type { ClientConfig, CustomTypesConfig } from "pg";
import type { PostgresAddress, PostgresHost } from "./address";
import { Prepared } from "./batch";
import { passwordFor } from "./passfile";
import { ReadOnlyServerError } from "./failures";

/** How long the server lets a connection be at something, in milliseconds. */
export interface Timeouts {
  statement: number;
  lock: number;
  /** Between two statements of a transaction: frees what a client that hangs has locked. */
  idleInTransaction: number;
}

export const TIMEOUTS: Timeouts = { statement: 60_000, lock: 15_000, idleInTransaction: 30_000 };

/** After the server's own limits: for one that is out of reach and tells nothing. */
const SILENCE_MS = 15_000;
const KEEPALIVE_MS = 10_000;

export interface Connection {
  readonly client: Client;
  readonly prepared: Prepared;
  readonly types: CustomTypesConfig;
  readonly host: PostgresHost;
  /** It has failed, and answers nothing any more. */
  isBroken(): boolean;
  end(): Promise<void>;
}

/** Opens a connection to a server that can be written to. */
export async function connectTo(
  address: PostgresAddress,
  host: PostgresHost,
  timeouts: Timeouts,
): Promise<Connection> {
  const { mode } = address.ssl;
  const tlsFirst = mode !== "disable" && mode !== "allow" && !host.host.startsWith("/");
  try {
    return await open(address, host, timeouts, tlsFirst);
  } catch (error) {
    const plainIsFine = mode === "prefer" && tlsFirst && /does not support SSL/.test(String(error));
    const tlsIsFine = mode === "allow" && isAuthorization(error);
    if (!plainIsFine && !tlsIsFine) throw error;
    return open(address, host, timeouts, tlsIsFine);
  }
}

async function open(
  address: PostgresAddress,
  host: PostgresHost,
  timeouts: Timeouts,
  tls: boolean,
): Promise<Connection> {
  const config: ClientConfig = {
    ...host,
    user: address.user,
    database: address.database,
    // A function, so that no password from elsewhere takes the place of none.
    password: () => passwordFor(address, host) ?? "",
    ssl: tls ? tlsOptions(address) : false,
    application_name: "pulumi-private-images",
    connectionTimeoutMillis: address.connectTimeoutMs,
    query_timeout: timeouts.statement + SILENCE_MS,
    statement_timeout: timeouts.statement,
    lock_timeout: timeouts.lock,
    idle_in_transaction_session_timeout: timeouts.idleInTransaction,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEPALIVE_MS,
    // Where the planner lacks statistics it would compile what takes no time to run.
    options: "-c search_path=images -c jit=off",
    types,
  };
  const client = new Client(config);
  let broken = false;
  // What is under way is told by its own promise.
  client.on("error", () => (broken = true));
  client.on("end", () => (broken = true));
  const connection: Connection = {
    client,
    prepared: new Prepared(),
    types,
    host,
    isBroken: () => broken,
    end: async () => {
      broken = true;
      await client.end().catch(() => undefined);
    },
  };
  try {
    await client.connect();
    const { rows } = await client.query<{ setting: string }>(
      "select current_setting('transaction_read_only') as setting",
    );
    if (rows[0]?.setting !== "off") throw new ReadOnlyServerError(host);
    return connection;
  } catch (error) {
    await connection.end();
    throw error;
  }
}

function tlsOptions({ ssl: { mode, ca, cert, key } }: PostgresAddress): ClientConfig["ssl"] {
  const verifies = mode === "verify-full" || mode === "verify-ca" || ca !== undefined;
  const anyName = mode !== "verify-full";
  return {
    ...{ ca, cert, key },
    rejectUnauthorized: verifies,
    ...(anyName && { checkServerIdentity: () => undefined }),
  };
}

function isAuthorization(error: unknown): boolean {
  return String((error as { code?: unknown }).code).startsWith("28");
}

const INT8 = 20;
const TIMESTAMPTZ = 1184;

/** Whole numbers as numbers (none of ours is past 2^53), moments as RFC 3339 in UTC. */
const types: CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: "text" | "binary") => {
    if (oid === INT8) return Number;
    if (oid === TIMESTAMPTZ) return (text: string) => new Date(text).toISOString();
    return builtIn.getTypeParser(oid, format as "text");
  }) as CustomTypesConfig["getTypeParser"],
};
