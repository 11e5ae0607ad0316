import { Fault, ViolationError } from "../violation";
import { explainFileError } from "./file-error";
import type { FileError } from "./file-error";
import { ToolError, ToolMissing } from "./tool";

const REMOVED = "No partial disk is left";

/**
 * Words what the file system or a tool says about a disk; faults and violations are returned as they are. What failed
 * once `signal` was aborted failed for that.
 */
export function diskFault(error: unknown, doing: string, folder: string, signal?: AbortSignal): unknown {
  if (Fault.is(error) || ViolationError.is(error)) return error;
  if (signal?.aborted) return new Fault(doing, { left: REMOVED, cause: signal.reason });
  const says =
    error instanceof ToolMissing
      ? missing(error.tool)
      : error instanceof ToolError
        ? explainTool(error, folder)
        : explain(error as NodeJS.ErrnoException, folder);
  // A tool's own account names descriptors and options of ours: it is worded here once and for all.
  const cause = error instanceof ToolError ? undefined : error;
  return new Fault(doing, { says, left: REMOVED, cause });
}

export function noKey(doing: string, id: string): Fault {
  return new Fault(doing, { says: `disk ${id} is sealed, and no key was given to open it` });
}

export function wrongKey(doing: string, id: string): Fault {
  return new Fault(doing, { says: `disk ${id} doesn't open with its key: ${ANOTHER_KEY}` });
}

export function isSealedFault(doing: string, id: string): Fault {
  return new Fault(doing, { says: `disk ${id} is sealed, which this can't be done with` });
}

const ANOTHER_KEY = "it is sealed with another one";

function missing(tool: string): string {
  return (
    `${tool} isn't there, and this needs it. Install it (Debian and Ubuntu: apt-get install qemu-utils, ` +
    "macOS: brew install qemu), see that it is on PATH, and run again"
  );
}

/** What tools say of a file system's errors. */
const FILE_ERRORS = [
  ["No space left on device", "ENOSPC"],
  ["Disk quota exceeded", "EDQUOT"],
  ["File too large", "EFBIG"],
] as const;

function explainTool({ tool, ended, says }: ToolError, folder: string): string {
  if (ended.signal) return `${tool} was killed (${ended.signal}). Run again`;
  const [, code] = FILE_ERRORS.find(([text]) => says.includes(text)) ?? [];
  if (code) return explain({ code, message: says }, folder);
  if (says.includes("cannot unlock any keyslot")) return `the disk doesn't open with its key: ${ANOTHER_KEY}`;
  if (/Failed to get .*lock/.test(says)) {
    return "the disk is in use by a virtual machine or another tool. Stop that and run again";
  }
  const last = says.split("\n").at(-1) ?? "";
  return `${tool} says: ${last.replace(/^qemu-img: /, "").replace(/'?driver=\S+?'?:\s/, "") || `code ${ended.code}`}`;
}

function explain(error: FileError, folder: string): string {
  return explainFileError(error, folder, `write the folder ${folder} and read the source`);
}
