import { createHash } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import type { ClientBase } from "pg";
import { Fault } from "../../../violation";
import { isConflict } from "../failures";
import { readSchema } from "./schema";
import type { Schema, SchemaStep } from "./schema";

/** What all functions together are recorded as. */
const FUNCTIONS = "functions";

/** Clients wait in line behind whoever waits for a table: so long, and then it is tried anew. */
const LOCK_TIMEOUT_MS = 5_000;
const TRIES = 10;

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
 * last version go on. Faults where the schema is newer than this program, a step differs from what was run, or clients
 * hold what is to be changed again and again.
 */
export async function migrate(
  client: ClientBase,
  schema: Schema = readSchema(),
  { lockTimeoutMs = LOCK_TIMEOUT_MS } = {},
): Promise<Migration> {
  for (let tries = 1; ; tries++) {
    await client.query("begin isolation level read committed read write");
    try {
      await waitInLine(client);
      await client.query(`set local lock_timeout = ${lockTimeoutMs}`);
      const done = await bringUpToDate(client, schema);
      await client.query("commit");
      return done;
    } catch (error) {
      await client.query("rollback").catch(() => undefined);
      if (!isConflict(error)) throw error;
      if (tries === TRIES) throw busy(error);
    }
    await wait(lockTimeoutMs * Math.random());
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

async function bringUpToDate(client: ClientBase, schema: Schema): Promise<Migration> {
  const recorded = await recordedIn(client);
  const from = recorded.length > 0 ? Math.max(...recorded.map(({ version }) => version)) : undefined;
  if (from !== undefined && from > schema.version) throw newerSchema(from, schema.version);
  if (from === undefined) await begin(client);
  await client.query("set local search_path = images, pg_temp");
  // Bodies name functions of later parts.
  await client.query("set local check_function_bodies = off");
  const runThose = (which: (step: SchemaStep) => boolean) =>
    run(client, recorded, { ...schema, steps: schema.steps.filter(which) });
  const steps = await runThose(({ callsFunctions }) => !callsFunctions);
  const functions = `${versionFunction(schema.version)}\n${schema.functions}`;
  const before = recorded.find(({ name }) => name === FUNCTIONS);
  if (before?.checksum !== checksum(functions)) {
    await client.query(functions);
    await record(client, FUNCTIONS, functions, schema.version);
  }
  const last = await runThose(({ callsFunctions }) => callsFunctions === true);
  return { from, to: schema.version, steps: [...steps, ...last] };
}

/** Runs those that weren't; returns their names. */
async function run(
  client: ClientBase,
  recorded: readonly Recorded[],
  { steps, version }: Schema,
): Promise<string[]> {
  const ran: string[] = [];
  for (const { name, text } of steps) {
    const before = recorded.find((each) => each.name === name);
    if (before && before.checksum !== checksum(text)) throw changedStep(name);
    if (before) continue;
    await client.query(text);
    await record(client, name, text, version);
    ran.push(name);
  }
  return ran;
}

/** For clients, who can't read what is recorded. */
function versionFunction(version: number): string {
  return `create or replace function schema_version() returns int language sql immutable as $$ select ${version} $$;`;
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

async function record(client: ClientBase, name: string, text: string, version: number): Promise<void> {
  await client.query(
    `insert into images.migrations (name, checksum, version) values ($1, $2, $3)
    on conflict (name) do update set
      checksum = excluded.checksum, version = excluded.version, applied_at = clock_timestamp()`,
    [name, checksum(text), version],
  );
}

function checksum(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function newerSchema(version: number, own: number): Fault {
  return new Fault("Preparing the catalogue's database", {
    says: `its schema has version ${version}, and this program knows ${own}`,
    left: "Nothing was changed. Use the newer pulumi-private-images that it was prepared with",
  });
}

function changedStep(name: string): Fault {
  return new Fault("Preparing the catalogue's database", {
    says: `step ${name} of its schema isn't the one that this program has`,
    left: "Nothing was changed. Use the pulumi-private-images that it was prepared with, or a later one",
  });
}

function busy(cause: unknown): Fault {
  return new Fault("Preparing the catalogue's database", {
    cause,
    says: "clients held its tables whenever they were to be changed",
    left: "Nothing was changed. Run again when fewer programs run, or end transactions that stay open (pg_stat_activity)",
  });
}
