import { Fault } from "../../violation";
import type { PostgresAddress } from "./address";
import { codeOf, isConflict, isDatabaseError, isLost, isRefusal, ReadOnlyServerError } from "./failures";

const UNCHANGED = "Nothing of this step was recorded";

/** Words what PostgreSQL, the network or TLS says; refusals of our own rules and errors of other origin stay. */
export function asFault(error: unknown, verb: "Reading" | "Writing", address: PostgresAddress): unknown {
  if (Fault.is(error) || isRefusal(error)) return error;
  const says = explain(error, address);
  if (says === undefined) return error;
  const left = verb === "Writing" ? UNCHANGED : undefined;
  return new Fault(`${verb} the catalogue ${address.described}`, { says, left, cause: error });
}

function explain(error: unknown, address: PostgresAddress): string | undefined {
  const code = codeOf(error);
  const { user, database, hosts } = address;
  const servers = hosts.map(({ host, port }) => `${host}:${port}`).join(", ");
  if (error instanceof ReadOnlyServerError || code === "25006") {
    const other =
      hosts.length > 1 ? "none of them can be written to" : "it is a standby, which can only be read";
    return (
      `${servers}: ${other}. Wait for one to be promoted, or name the primary; ` +
      "several servers are named as postgres://…@a:5432,b:5432/…"
    );
  }
  const text = words(error);
  if (code === "42883" && !text.startsWith("function ")) return `PostgreSQL says: ${text} (${code})`;
  switch (code) {
    case "28P01":
    case "28000":
      return (
        `the server doesn't let ${user} in (${text}). See the login, and its password in PGPASSWORD, ` +
        "in a password file, or in images:endpoint as a secret"
      );
    case "3D000":
      return `the server has no database ${database}. See the end of images:endpoint, or ask the operator for its name`;
    case "3F000":
    case "42P01":
    case "42883":
      return (
        `database ${database} holds no region, or one of an older version (${text}). ` +
        "Ask the operator to run: images region apply"
      );
    case "42501":
      return (
        `login ${user} may not do this (${text}). ` +
        "Ask the operator whether it is granted the role of an account of the region"
      );
    case "53300":
      return `the server has no connection left (${text}). Run fewer programs at a time, or ask the operator to raise max_connections`;
    case "53100":
      return `the server's disk is full (${text}). Ask the operator to free some of it, and run again`;
    case "57014":
      return `the server gave up a statement that took too long (${text}). Run again, or ask the operator what the server is at`;
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `there is no server ${servers}. See the host in images:endpoint`;
  }
  if (isPasswordMissing(error)) {
    return (
      `the server asks for a password of ${user}, and there is none. ` +
      "Give it in PGPASSWORD, in a password file, or in images:endpoint as a secret"
    );
  }
  if (isConflict(error)) {
    return `others have held what it needs for too long (${text}). Run again, or ask the operator which client hangs`;
  }
  if (/does not support SSL/.test(text)) {
    return `${servers} has no TLS, which sslmode in images:endpoint asks for. Ask the operator for it, or set sslmode=prefer`;
  }
  if (/CERT|SELF_SIGNED|ISSUER|ALTNAME|UNABLE_TO_VERIFY/.test(code)) {
    return `the certificate of ${servers} can't be trusted (${text}). Name the right authority in sslrootcert, and the host as the certificate has it`;
  }
  if (isLost(error)) {
    return `${servers} can't be reached, or has ended the connection (${text}). See that the server runs and the network lets you through`;
  }
  if (isDatabaseError(error)) return `PostgreSQL says: ${text} (${code})`;
  return undefined;
}

/** pg says it this way for an empty password too. */
function isPasswordMissing(error: unknown): boolean {
  return (
    error instanceof Error && /client password must be a (non-empty )?string|no password/i.test(error.message)
  );
}

function words(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(words).join("; ");
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/\.$/, "");
}
