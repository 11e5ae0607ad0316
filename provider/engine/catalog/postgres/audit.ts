import type { PostgresDatabase } from "./database";

/** One change, as the database wrote it down. */
export interface AuditEntry {
  sequence: number;
  /** RFC 3339, UTC, by the database's clock. */
  at: string;
  /** Who: the database login. */
  login: string;
  region?: string;
  account?: string;
  /** insert, update, delete, sweep, import, apply, drop. */
  action: string;
  /** image, instance, volume, share, export, key, account, offered. */
  kind: string;
  id: string;
  name?: string;
  /** URN of the resource that declares it, which names program and stack. */
  declaredBy?: string;
  /** Names of the fields that an update changed. */
  changed?: string[];
}

/** A moment as RFC 3339 has it, or so many seconds before now by the database's clock. */
export type Moment = string | { secondsAgo: number };

/** All that is given must hold. */
export interface AuditFilter {
  login?: string;
  region?: string;
  account?: string;
  action?: string;
  kind?: string;
  /** ID, name, URN, or the name in its program. */
  resource?: string;
  /** What a program has declared, in any of its stacks or in one. */
  program?: { project: string; stack?: string };
  /** Not before, and before. */
  since?: Moment;
  until?: Moment;
  /** Of the newest; default: all. */
  limit?: number;
}

/** The newest changes that the login may see, oldest first. */
export async function readAudit(database: PostgresDatabase, filter: AuditFilter): Promise<AuditEntry[]> {
  const values: unknown[] = [];
  const put = (value: unknown): string => `$${values.push(value)}`;
  const rows = await database.query<{ [column: string]: unknown }>(
    `select sequence, at, login, region, account, action, kind, id, name, declared_by as "declaredBy", changed
     from images.audit where ${conditionsOf(filter, put).join(" and ")}
     order by sequence desc limit ${put(filter.limit ?? null)}`,
    values,
  );
  return rows.reverse().map(present);
}

function conditionsOf(filter: AuditFilter, put: (value: unknown) => string): string[] {
  const conditions = ["true"];
  for (const column of ["login", "region", "account", "action", "kind"] as const) {
    if (filter[column] !== undefined) conditions.push(`${column} = ${put(filter[column])}`);
  }
  const { resource, program, since, until } = filter;
  if (resource !== undefined) {
    const wanted = put(resource);
    const last = `right(declared_by, length(${wanted}) + 2) = '::' || ${wanted}`;
    conditions.push(`(${wanted} in (id, name, declared_by) or ${last})`);
  }
  // urn:pulumi:STACK::PROJECT::TYPE::NAME
  if (program) conditions.push(`split_part(declared_by, '::', 2) = ${put(program.project)}`);
  if (program?.stack !== undefined) {
    conditions.push(`split_part(declared_by, '::', 1) = ${put(`urn:pulumi:${program.stack}`)}`);
  }
  const moment = (when: Moment) =>
    typeof when === "string"
      ? `${put(when)}::timestamptz`
      : `now() - make_interval(secs => ${put(when.secondsAgo)})`;
  if (since !== undefined) conditions.push(`at >= ${moment(since)}`);
  if (until !== undefined) conditions.push(`at < ${moment(until)}`);
  return conditions;
}

/** Without what is null. */
function present(row: { [column: string]: unknown }): AuditEntry {
  return Object.fromEntries(
    Object.entries(row).filter(([, value]) => value !== null),
  ) as unknown as AuditEntry;
}
