import { Fault, ViolationError } from "../violation";
import { ToolError, ToolMissing } from "./tool";

const REMOVED = "No partial disk is left";

/** Words what the file system or a tool says about a disk; faults and violations are returned as they are. */
export function diskFault(error: unknown, doing: string, folder: string): unknown {
  if (Fault.is(error) || ViolationError.is(error)) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  const says =
    error instanceof ToolMissing
      ? missing(error.tool)
      : error instanceof ToolError
        ? explainTool(error, folder)
        : explain(code ?? "", message, folder);
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

function explainTool({ tool, ended, says }: ToolError, folder: string): string {
  if (ended.signal) return `${tool} was killed (${ended.signal}). Run again`;
  if (says.includes("No space left on device")) return explain("ENOSPC", says, folder);
  if (says.includes("Disk quota exceeded")) return explain("EDQUOT", says, folder);
  if (says.includes("File too large")) return explain("EFBIG", says, folder);
  if (says.includes("cannot unlock any keyslot")) return `the disk doesn't open with its key: ${ANOTHER_KEY}`;
  if (/Failed to get .*lock/.test(says)) {
    return "the disk is in use by a virtual machine or another tool. Stop that and run again";
  }
  const last = says.split("\n").at(-1) ?? "";
  return `${tool} says: ${last.replace(/^qemu-img: /, "").replace(/'?driver=\S+?'?:\s/, "") || `code ${ended.code}`}`;
}

function explain(code: string, message: string, folder: string): string {
  switch (code) {
    case "ENOSPC":
    case "EDQUOT":
      return `there is no space left on the disk of ${folder}. Free some and run again`;
    case "EFBIG":
      return `the file system of ${folder} can't hold a file of this size`;
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return `${message}. See that you may write the folder ${folder} and read the source`;
    case "ENOTDIR":
    case "EEXIST":
      return `${folder} isn't a folder`;
    default:
      return message;
  }
}
