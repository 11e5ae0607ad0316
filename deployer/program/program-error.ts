import path from "node:path";

/** An error that a program ended with, as its user needs it. */
export interface ProgramError {
  message: string;
  /** `index.ts:12`: the program's own line, where the error tells one. */
  position?: string;
}

const FRAME = /^\s+at (?:.* \()?(?<file>[^()]+?):(?<line>\d+):\d+\)?$/;

/** Put before the message each time that the SDK fails to wait for the property of some resource. */
const WAITING = /^(?:error serializing property "[^"]*": )+/;

/** What the SDK's runner says of an error that ended the program, without colours, headline and stack. */
export function programError(text: string, projectDir: string): ProgramError {
  // eslint-disable-next-line no-control-regex
  const lines = text.replace(/\u001b\[\d+m/g, "").split("\n");
  if (/^Running program '.*' failed with an unhandled exception:$/.test(lines[0]!)) lines.shift();
  const frames = lines.map((line) => FRAME.exec(line)?.groups).filter((groups) => groups !== undefined);
  const own = frames
    .map(({ file, line }) => ({ file: path.relative(projectDir, file!.replace(/^file:\/\//, "")), line }))
    .find(({ file }) => !file.startsWith("..") && !path.isAbsolute(file) && !file.includes("node_modules/"));
  const message = lines
    .filter((line) => !FRAME.test(line) && !/^\s+at (?:<anonymous>|.*\(<anonymous>\))$/.test(line))
    .join("\n")
    .trim()
    .replace(WAITING, "");
  return { message: message || text, position: own && `${own.file}:${own.line}` };
}
