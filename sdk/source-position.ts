import { findSourceMap } from "node:module";
import { sep } from "node:path";
import { fileURLToPath } from "node:url";

type Format = NonNullable<typeof Error.prepareStackTrace>;

/** Frames that Pulumi's SDK skips: its own four, and the constructor of the resource's class. */
const SKIPPED_FRAMES = 5;

/**
 * Makes the stack traces that Pulumi's SDK takes while it constructs a resource cheap, and its position right,
 * until the function that it returns is called.
 *
 * The SDK formats a whole stack for each promise and one more to find the line that declares the resource; with
 * source maps that is most of the cost of declaring one. Only the declaring line is of use, so only it is formatted.
 * The SDK also assumes one class between its own and the program; here the line is the first outside this package.
 */
export function declaringLineOnly(): () => void {
  const { prepareStackTrace, stackTraceLimit } = Error;
  // The SDK lifts the limit for the one trace that it takes the position from.
  Error.stackTraceLimit = 0;
  Error.prepareStackTrace = (error, frames) => {
    if (frames.length === 0) return String(error);
    const declaring = frames.find(isProgram);
    if (!declaring) return String(error);
    return ["Error", ...skipped, format(error, declaring, prepareStackTrace)].join("\n");
  };
  return () => {
    Error.prepareStackTrace = prepareStackTrace;
    Error.stackTraceLimit = stackTraceLimit;
  };
}

const skipped = new Array<string>(SKIPPED_FRAMES).fill("    at (skipped)");

function isProgram(frame: NodeJS.CallSite): boolean {
  const file = frame.getFileName();
  return (
    !!file &&
    !file.startsWith("node:") &&
    !file.startsWith(__dirname + sep) &&
    !/[\\/]@pulumi[\\/]pulumi[\\/]/.test(file)
  );
}

/** One line as the SDK reads it: `at <where> (<file>:<line>:<column>)`, mapped to the source where a map is known. */
function format(error: Error, frame: NodeJS.CallSite, previous: Format | undefined): string {
  const line = previous
    ? String(previous(error, [frame]))
        .trimEnd()
        .split("\n")
        .pop()!
    : nodeFormat(frame);
  const position = /([^(\s][^(]*):(\d+):(\d+)\)?$/.exec(line.replace(/^\s*at /, ""));
  if (!position) return line;
  const [, file, row, column] = position as unknown as [string, string, string, string];
  return `    at program (${file.startsWith("file:") ? fileURLToPath(file) : file}:${row}:${column})`;
}

/** Node maps positions by itself (`--enable-source-maps`) only where nobody else formats them. */
function nodeFormat(frame: NodeJS.CallSite): string {
  const file = frame.getFileName()!;
  const [line, column] = [frame.getLineNumber() ?? 1, frame.getColumnNumber() ?? 1];
  const entry = findSourceMap(file)?.findEntry(line - 1, column - 1);
  return entry && "originalSource" in entry
    ? `    at program (${entry.originalSource}:${entry.originalLine + 1}:${entry.originalColumn + 1})`
    : `    at program (${file}:${line}:${column})`;
}
