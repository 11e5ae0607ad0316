/**
 * Preloaded into the program's process: leaves out two services of the SDK to its own developers, which take most of
 * a program's time and which nobody here sees, formats errors in a way that ends, and has each told once.
 */
import path from "node:path";
import "./preload-sdk";

// A rejection that nobody waited for has ended the run, and has been told; that somebody does later is no news.
process.on("rejectionHandled", () => {});

const runner = process.argv[1];
if (runner) {
  const log = loadOfSdk(runner, "log") as Log | undefined;
  if (log) sendNoDebugMessages(log);
  const debuggable = loadOfSdk(runner, "runtime/debuggable") as Debuggable | undefined;
  if (debuggable && !process.env["PULUMI_DEBUG_PROMISE_LEAKS"]) keepNoStacks(debuggable);
  const format = loadOfSdk(runner, "cmd/run/error") as ErrorFormat | undefined;
  if (format) formatErrorsPlainly(format);
}

/** A module of the SDK's, if this version has it there. */
function loadOfSdk(runnerFile: string, module: string): unknown {
  try {
    return require(path.join(path.dirname(runnerFile), "..", "..", module));
  } catch {
    return undefined;
  }
}

interface Log {
  debug: () => Promise<void>;
}
interface Debuggable {
  debuggablePromise: (promise: Promise<unknown>, context: unknown) => Promise<unknown>;
}

/** Five for each resource, each sent to the engine when the one before has arrived, with secrets in plain text. */
function sendNoDebugMessages(log: Log): void {
  log.debug = () => Promise.resolve();
}

interface ErrorFormat {
  defaultErrorMessage: (error: unknown) => string;
}

/**
 * Node 20 takes half a minute, and then fails, to format in colours a stack with a frame like
 * `node_modules/@pulumi/output.ts`, which the SDK's source maps make of each error in an `apply`.
 */
function formatErrorsPlainly(format: ErrorFormat): void {
  const { defaultErrorMessage } = format;
  format.defaultErrorMessage = (error) =>
    error instanceof Error && error.stack ? error.stack : defaultErrorMessage(error);
}

/** Each promise of the SDK's would note the stack that it comes from, mapped to its sources. */
function keepNoStacks(debuggable: Debuggable): void {
  const { debuggablePromise } = debuggable;
  debuggable.debuggablePromise = (promise, context) => {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    try {
      return debuggablePromise(promise, context);
    } finally {
      Error.stackTraceLimit = limit;
    }
  };
}
