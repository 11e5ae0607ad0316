/** What the user, or whoever keeps the machine, has to settle: shown as it is, without a stack trace. Anything else thrown is a bug. */
export class UserError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "UserError";
  }
}

const SYSTEM_ERRORS: Record<string, string> = {
  EACCES: "permission denied",
  EPERM: "operation not permitted",
  EROFS: "the file system is read-only",
  ENOSPC: "no space left on the device",
  EDQUOT: "the disk quota is used up",
  ENOENT: "no such file or folder",
  ENOTDIR: "a part of the path is not a folder",
  EISDIR: "it is a folder",
  EMFILE: "too many open files",
  "mkdir ENOENT": "its folder can't be made; the file system may be read-only",
};

/** The user's form of a failed file operation: `doing` names the file; an error that is no file system's stays itself. */
export function fileError(doing: string, error: unknown): unknown {
  const { code, syscall, message } = (error ?? {}) as NodeJS.ErrnoException;
  if (typeof code !== "string" || error instanceof UserError) return error;
  const why = SYSTEM_ERRORS[`${syscall} ${code}`] ?? SYSTEM_ERRORS[code] ?? message;
  return new UserError(`${doing} failed: ${why}.`, { cause: error });
}
