/** What the user, or whoever keeps the machine, has to settle: shown as it is, without a stack trace. Anything else thrown is a bug. */
export class UserError extends Error {
  readonly exitCode: ExitCode;

  constructor(message: string, options?: ErrorOptions & { exitCode?: ExitCode }) {
    super(message, options);
    this.name = "UserError";
    this.exitCode = options?.exitCode ?? EXIT.failed;
  }
}

/** What commands end with: the Pulumi CLI's codes, as far as it has one for the case. */
export const EXIT = { done: 0, failed: 1, needsYes: 2, noStack: 6, changes: 7 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** The words for what this engine doesn't do; `remedy` is what else helps. */
export function unsupported(what: string, remedy = ""): string {
  return `${what} isn't supported by images: the Pulumi CLI on the same state is the way to it.${remedy && ` ${remedy}`}`;
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
