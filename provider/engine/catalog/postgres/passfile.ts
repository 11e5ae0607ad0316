import { readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { PostgresAddress, PostgresHost } from "./address";

/**
 * The password of a login: from the URL, the environment (`PGPASSWORD`) or the first fitting line of the password file
 * (`PGPASSFILE`, else `~/.pgpass`), in this order.
 */
export function passwordFor(
  { password, passfile, user, database }: PostgresAddress,
  { host, port }: PostgresHost,
  env: NodeJS.ProcessEnv = process.env,
): string | undefined {
  const known = password ?? env.PGPASSWORD;
  if (known !== undefined) return known;
  const file = passfile ?? env.PGPASSFILE ?? join(homedir(), ".pgpass");
  const wanted = [host, String(port), database, user];
  for (const line of linesOf(file)) {
    const fields = fieldsOf(line);
    const fits = wanted.every((value, index) => fields[index] === "*" || fields[index] === value);
    if (fits && fields.length > 4) return fields[4];
  }
  return undefined;
}

/** As for libpq, a file that others may read is passed over. */
function linesOf(file: string): string[] {
  try {
    if (process.platform !== "win32" && (statSync(file).mode & 0o077) !== 0) return [];
    return readFileSync(file, "utf8")
      .split(/\r?\n/)
      .filter((line) => line !== "" && !line.startsWith("#"));
  } catch {
    return [];
  }
}

/** Separated by colons; a backslash before a colon or a backslash takes it as it is. */
function fieldsOf(line: string): string[] {
  const fields = [""];
  for (let at = 0; at < line.length; at++) {
    if (line[at] === ":") fields.push("");
    else fields[fields.length - 1] += line[at] === "\\" ? (line[++at] ?? "") : line[at]!;
  }
  return fields;
}
