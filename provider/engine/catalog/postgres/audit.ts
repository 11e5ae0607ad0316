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
  /** image, instance, volume, share, export, key, account. */
  kind: string;
  id: string;
  name?: string;
  /** URN of the resource that declares it, which names program and stack. */
  declaredBy?: string;
  /** Names of the fields that an update changed. */
  changed?: string[];
}

/** All that is given must hold. */
export interface AuditFilter {
  region?: string;
  account?: string;
  kind?: string;
  /** ID, name, URN, or the name in its program. */
  resource?: string;
  /** Not before: a moment as RFC 3339 has it, or so many seconds before now by the database's clock. */
  since?: string | { secondsAgo: number };
  limit: number;
}

/** The newest changes that the login may see, oldest first. */
export async function readAudit(database: PostgresDatabase, filter: AuditFilter): Promise<AuditEntry[]> {
  const values: unknown[] = [];
  const put = (value: unknown): string => `$${values.push(value)}`;
  const conditions = ["true"];
  for (const column of ["region", "account", "kind"] as const) {
    if (filter[column] !== undefined) conditions.push(`${column} = ${put(filter[column])}`);
  }
  if (filter.resource !== undefined) {
    const wanted = put(filter.resource);
    conditions.push(`(${wanted} in (id, name, declared_by) or declared_by like '%::' || ${wanted})`);
  }
  const { since } = filter;
  if (typeof since === "string") conditions.push(`at >= ${put(since)}::timestamptz`);
  else if (since) conditions.push(`at >= now() - make_interval(secs => ${put(since.secondsAgo)})`);
  const rows = await database.query<{ [column: string]: unknown }>(
    `select sequence, at, login, region, account, action, kind, id, name, declared_by as "declaredBy", changed
     from images.audit where ${conditions.join(" and ")} order by sequence desc limit ${put(filter.limit)}`,
    values,
  );
  return rows.reverse().map(present);
}

/** Without what is null. */
function present(row: { [column: string]: unknown }): AuditEntry {
  return Object.fromEntries(
    Object.entries(row).filter(([, value]) => value !== null),
  ) as unknown as AuditEntry;
}
