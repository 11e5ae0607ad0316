import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ClientBase } from "pg";
import { Fault } from "../../../violation";

/** Changes of tables and what hangs on them. `callsParts`: it names functions, and is run once they are there. */
interface Step {
  name: string;
  callsParts?: boolean;
}

/** Run once each, in this order. A step that was released never changes: a new one follows it. */
const STEPS: readonly Step[] = [
  { name: "0001-accounts" },
  { name: "0002-records" },
  { name: "0003-contents" },
  { name: "0004-keys" },
  { name: "0005-audit" },
  { name: "0006-triggers", callsParts: true },
  { name: "0007-policies", callsParts: true },
];

/**
 * Functions: replaced as a whole, in this order, where any of them has changed; no table is locked for it. Clients of the
 * last version may be connected: what they call keeps its name, arguments and meaning.
 */
const PARTS = [
  "refusals",
  "accounts",
  "audit",
  "quotas",
  "contents",
  "creators",
  "keys",
  "shapes",
  "rows",
  "records",
  "images",
  "instances",
  "volumes",
  "shares",
  "shared",
  "exports",
  "content-index",
  "settings",
  "import",
  "access",
] as const;

/** What the parts together are recorded as. */
const FUNCTIONS = "functions";

/** Raised with each step, and with each change of a part. */
export const SCHEMA_VERSION = 1;

/** Any number that no other program of the database locks. */
const LOCK = 6_200_514_806_211_743n;

export interface Migration {
  /** Version of the schema before; undefined where there was none. */
  from?: number;
  to: number;
  /** Names of the steps that were run. */
  steps: string[];
}

interface Recorded {
  name: string;
  checksum: string;
  version: number;
}

/**
 * Brings the schema `images` of a database up to date, as its operator: all of it, or nothing. Running clients of the
 * last version go on. Faults where the schema is newer than this program, or a step differs from what was run.
 */
export async function migrate(client: ClientBase): Promise<Migration> {
  await client.query("begin isolation level read committed read write");
  try {
    await waitInLine(client);
    const done = await bringUpToDate(client);
    await client.query("commit");
    return done;
  } catch (error) {
    await client.query("rollback").catch(() => undefined);
    throw error;
  }
}

/** Version of the schema that stands; undefined where there is none. */
export async function schemaVersion(client: ClientBase): Promise<number | undefined> {
  const recorded = await recordedIn(client);
  return recorded.length > 0 ? Math.max(...recorded.map(({ version }) => version)) : undefined;
}

/**
 * One operator at a time. Who comes first to a database has only a lock to hold that any login could; where the schema
 * stands, there is one that clients can't.
 */
async function waitInLine(client: ClientBase): Promise<void> {
  if (!(await stands(client))) await client.query("select pg_advisory_xact_lock($1)", [LOCK]);
  if (await stands(client)) await client.query("lock table images.migrations in exclusive mode");
}

async function bringUpToDate(client: ClientBase): Promise<Migration> {
  const recorded = await recordedIn(client);
  const from = recorded.length > 0 ? Math.max(...recorded.map(({ version }) => version)) : undefined;
  if (from !== undefined && from > SCHEMA_VERSION) throw newerSchema(from);
  if (from === undefined) await begin(client);
  await client.query("set local search_path = images, pg_temp");
  // Clients wait in line behind whoever waits for a table.
  await client.query("set local lock_timeout = '5s'");
  // Bodies name functions of later parts.
  await client.query("set local check_function_bodies = off");
  const steps = await run(
    client,
    recorded,
    STEPS.filter(({ callsParts }) => !callsParts),
  );
  const parts = PARTS.map((name) => read("functions", name)).join("\n");
  const before = recorded.find(({ name }) => name === FUNCTIONS);
  if (before?.checksum !== checksum(parts)) {
    await client.query(parts);
    await record(client, FUNCTIONS, parts);
  }
  const last = await run(
    client,
    recorded,
    STEPS.filter(({ callsParts }) => callsParts),
  );
  return { from, to: SCHEMA_VERSION, steps: [...steps, ...last] };
}

/** Runs those that weren't; returns their names. */
async function run(
  client: ClientBase,
  recorded: readonly Recorded[],
  steps: readonly Step[],
): Promise<string[]> {
  const ran: string[] = [];
  for (const { name } of steps) {
    const text = read("steps", name);
    const before = recorded.find((each) => each.name === name);
    if (before && before.checksum !== checksum(text)) throw changedStep(name);
    if (before) continue;
    await client.query(text);
    await record(client, name, text);
    ran.push(name);
  }
  return ran;
}

async function begin(client: ClientBase): Promise<void> {
  await client.query("create schema images");
  await client.query(`create table images.migrations (
    name text primary key,
    checksum text not null,
    version int not null,
    applied_at timestamptz not null default clock_timestamp()
  )`);
  await makeClientRole(client);
}

/** One role for all databases of the server: another operator may make it at the same moment. */
async function makeClientRole(client: ClientBase): Promise<void> {
  await client.query(`do $$ begin
    if not exists (select from pg_catalog.pg_roles where rolname = 'images_client') then
      create role images_client nologin;
    end if;
  exception when duplicate_object or unique_violation then null;
  end $$`);
}

async function stands(client: ClientBase): Promise<boolean> {
  const { rows } = await client.query("select to_regclass('images.migrations') is not null as there");
  return rows[0].there;
}

async function recordedIn(client: ClientBase): Promise<Recorded[]> {
  if (!(await stands(client))) return [];
  return (await client.query<Recorded>("select name, checksum, version from images.migrations")).rows;
}

async function record(client: ClientBase, name: string, text: string): Promise<void> {
  await client.query(
    `insert into images.migrations (name, checksum, version) values ($1, $2, $3)
    on conflict (name) do update set
      checksum = excluded.checksum, version = excluded.version, applied_at = clock_timestamp()`,
    [name, checksum(text), SCHEMA_VERSION],
  );
}

function read(folder: string, name: string): string {
  return readFileSync(join(__dirname, folder, `${name}.sql`), "utf8");
}

function checksum(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function newerSchema(version: number): Fault {
  return new Fault("Preparing the catalogue's database", {
    says: `its schema has version ${version}, and this program knows ${SCHEMA_VERSION}`,
    left: "Nothing was changed. Use the newer pulumi-private-images that it was prepared with",
  });
}

function changedStep(name: string): Fault {
  return new Fault("Preparing the catalogue's database", {
    says: `step ${name} of its schema isn't the one that this program has`,
    left: "Nothing was changed. Use the pulumi-private-images that it was prepared with, or a later one",
  });
}
