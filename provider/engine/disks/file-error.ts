export type FileError = Pick<NodeJS.ErrnoException, "code" | "message">;

/** Words a failed operation on files of a folder. `needs`: what the user has to be allowed. */
export function explainFileError(
  { code, message }: FileError,
  folder: string,
  needs = `write the folder ${folder}`,
): string {
  switch (code) {
    case "ENOSPC":
    case "EDQUOT":
      return `there is no space left on the disk of ${folder}. Free some and run again`;
    case "EFBIG":
      return `the file system of ${folder} can't hold a file of this size`;
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return `${message}. See that you may ${needs}`;
    case "ENOTDIR":
    case "EEXIST":
      return `${folder} isn't a folder`;
    default:
      return message;
  }
}
