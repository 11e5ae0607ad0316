import { existsSync, mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { pathToFileURL } from "node:url";
import { Kysely, Migrator } from "kysely";
import Libsql from "libsql";
import { Fault } from "../../violation";
import { MIGRATIONS } from "../migrations";
import { BLOCKING_TIMEOUT_MS, isBusy, whileBusy } from "./busy";
import { LibsqlDialect } from "./libsql-dialect";
import type { Tables } from "./tables";

/** Opens the catalogue's file, brings its schema up to date, and makes file and folder where they are absent. */
export async function openDatabase(file: string, busyTimeoutMs: number): Promise<Kysely<Tables>> {
  mkdirSync(dirname(file), { recursive: true });
  return whileBusy(async () => {
    const db = open(file, busyTimeoutMs);
    if (await endingAtFailure(db, () => isUpToDate(db, file))) return db;
    await db.destroy();
    await migrate(file);
    return open(file, busyTimeoutMs);
  }, busyTimeoutMs);
}

async function endingAtFailure<T>(db: Kysely<Tables>, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    await db.destroy();
    throw error;
  }
}

function open(file: string, busyTimeoutMs: number): Kysely<Tables> {
  return new Kysely<Tables>({ dialect: new LibsqlDialect(connect(file), busyTimeoutMs) });
}

function connect(file: string): Libsql.Database {
  try {
    return connectTo(file);
  } catch (error) {
    // Without write permission SQLite can't make the files that WAL needs beside an idle catalogue.
    if (!existsSync(file) || hasUnmergedWal(file) || isBusy(error)) throw error;
    return connectTo(`${pathToFileURL(file).href}?immutable=1`);
  }
}

function connectTo(path: string): Libsql.Database {
  const database = new Libsql(path, { timeout: BLOCKING_TIMEOUT_MS });
  try {
    if (!path.startsWith("file:")) database.exec("pragma journal_mode = wal");
    database.exec("pragma synchronous = full");
    database.exec("pragma foreign_keys = on");
    database.prepare("select count(*) from sqlite_schema").all();
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function hasUnmergedWal(file: string): boolean {
  const wal = `${file}-wal`;
  return existsSync(wal) && statSync(wal).size > 0;
}

/**
 * Brings the schema up to date by a connection of its own, which waits for nobody: a statement that has failed because
 * another process was in the way, which the migrator may pass over, stands open until it is garbage, and keeps its
 * connection from what others have written since.
 */
async function migrate(file: string): Promise<void> {
  const db = open(file, 0);
  try {
    const migrator = new Migrator({ db, provider: { getMigrations: async () => MIGRATIONS } });
    // The steps are one transaction; the migrator makes its own tables before it.
    const { error } = await migrator.migrateToLatest();
    if (error) throw error;
  } finally {
    await db.destroy();
  }
}

/** Refuses a catalogue that a newer version of the package has migrated, before anything of it changes. */
async function isUpToDate(db: Kysely<Tables>, file: string): Promise<boolean> {
  const applied = await appliedMigrations(db);
  const unknown = applied.filter((name) => !(name in MIGRATIONS));
  if (unknown.length === 0) return applied.length === Object.keys(MIGRATIONS).length;
  throw new Fault(`Opening the catalogue ${file}`, {
    says: `a newer version of pulumi-private-images has changed its schema (${unknown.join(", ")})`,
    left: "Nothing was changed. Update the package to use this catalogue",
  });
}

async function appliedMigrations(db: Kysely<Tables>): Promise<string[]> {
  const untyped = db as unknown as Kysely<Record<string, { name: string }>>;
  const table = await untyped
    .selectFrom("sqlite_schema")
    .select("name")
    .where("name", "=", "kysely_migration")
    .execute();
  if (table.length === 0) return [];
  return (await untyped.selectFrom("kysely_migration").select("name").execute()).map((row) => row.name);
}
