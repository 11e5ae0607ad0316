import type { PostgresHost } from "./address";

/** A server that answers and can only be read: a standby, or a primary that was set so. */
export class ReadOnlyServerError extends Error {
  constructor(readonly host: PostgresHost) {
    super(`${host.host}:${host.port} can only be read`);
  }
}

/** What PostgreSQL itself refuses, by its code (SQLSTATE) and words. */
export interface DatabaseError extends Error {
  code: string;
  detail?: string;
  hint?: string;
  constraint?: string;
}

export function isDatabaseError(error: unknown): error is DatabaseError {
  return error instanceof Error && /^[0-9A-Z]{5}$/.test(String((error as { code?: unknown }).code));
}

/** SQLSTATE, or the code of the network's or TLS's failure; "" where there is none. */
export function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === "string" ? code : "";
}

/** Codes of our own functions: a rule that the database itself keeps. */
export function isRefusal(error: unknown): error is DatabaseError {
  return isDatabaseError(error) && error.code.startsWith("IM");
}

/** Of the network, or of a server that ends, starts, or gives its place to another. */
const LOST_CODES = new Set([
  ...["ECONNREFUSED", "ECONNRESET", "EPIPE", "ETIMEDOUT", "EHOSTUNREACH", "ENETUNREACH", "EHOSTDOWN"],
  ...["ENOTFOUND", "EAI_AGAIN"],
  // Shut down, crashed, starting; the connection ended for its idleness.
  ...["57P01", "57P02", "57P03", "57P05", "25P03", "08000", "08001", "08003", "08004", "08006", "08P01"],
  // No connection left, a standby.
  ...["53300", "25006"],
]);

const LOST_WORDS =
  /^(Connection terminated|timeout expired|Query read timeout|Client (has encountered|was closed))|cached plan must not change/;

/** True where another connection, sooner or later, may succeed. */
export function isLost(error: unknown): boolean {
  if (error instanceof ReadOnlyServerError) return true;
  if (error instanceof AggregateError) return error.errors.some(isLost);
  if (codeOf(error) === "ENOENT") return (error as NodeJS.ErrnoException).syscall === "connect";
  return LOST_CODES.has(codeOf(error)) || (error instanceof Error && LOST_WORDS.test(error.message));
}

/** Serialization, deadlock, a lock not had in time: the same transaction may succeed when run again. */
export function isConflict(error: unknown): boolean {
  return ["40001", "40P01", "55P03"].includes(codeOf(error));
}
