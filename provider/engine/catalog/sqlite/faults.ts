import { dirname } from "node:path";
import { Fault } from "../../violation";
import { isBusy, sqliteCode } from "./busy";

const UNCHANGED = "Nothing of this step was recorded";

/** Words what SQLite or the file system says; errors of other origin are returned as they are. */
export function asFault(
  error: unknown,
  verb: "Reading" | "Writing",
  file: string,
  busyTimeoutMs: number,
): unknown {
  if (Fault.is(error)) return error;
  const code = sqliteCode(error);
  const says = explain(code, error, dirname(file), busyTimeoutMs);
  if (says === undefined) return error;
  const left = verb === "Writing" ? UNCHANGED : undefined;
  return new Fault(`${verb} the catalogue ${file}`, { says, left, cause: error });
}

function explain(code: string, error: unknown, folder: string, busyTimeoutMs: number): string | undefined {
  if (isBusy(error)) {
    return (
      `another process has held it locked for ${busyTimeoutMs / 1000} s. ` +
      "Wait for the other run to end, or end it, and run again"
    );
  }
  if (code.startsWith("SQLITE_READONLY") || code === "EACCES" || code === "EROFS" || code === "EPERM") {
    return `the folder ${folder} can't be written. See that you may write it and the files in it`;
  }
  if (code === "SQLITE_FULL" || code === "ENOSPC") {
    return `there is no space left on the disk of ${folder}. Free some and run again`;
  }
  if (code === "ENOTDIR" || code === "EEXIST") return `${folder} isn't a folder`;
  if (code === "SQLITE_NOTADB" || code.startsWith("SQLITE_CORRUPT")) {
    return `the file isn't a catalogue, or it is damaged (${text(error)}). Bring it back from a backup`;
  }
  if (code.startsWith("SQLITE_") || /ConnectionFailed|unable to open/i.test(text(error))) {
    return `SQLite says: ${text(error)}. See that the folder ${folder} exists and may be read and written`;
  }
  return undefined;
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
