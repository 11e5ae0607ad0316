import { Fault, ViolationError } from "../violation";

const REMOVED = "No partial disk is left";

/** Words what the file system says about a disk; faults and violations are returned as they are. */
export function diskFault(error: unknown, doing: string, folder: string): unknown {
  if (Fault.is(error) || ViolationError.is(error)) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  return new Fault(doing, { says: explain(code ?? "", message, folder), left: REMOVED, cause: error });
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
