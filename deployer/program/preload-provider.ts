/**
 * Preloaded into the SDK's host of dynamic providers: it prints the errors with which it answers some calls. The engine
 * tells those; what else is printed stays.
 */
import { realpathSync } from "node:fs";
import "./preload-sdk";

const HANDLERS = new Set<string | null>(["check", "diff", "read", "delete"]);

const host = process.argv[1];
const print = console.error;
if (host) {
  const hostFile = realpathSync(host);
  console.error = (...args: unknown[]) => {
    const caller = callerOf(console.error);
    if (caller?.getFileName() !== hostFile || !HANDLERS.has(caller.getFunctionName())) print(...args);
  };
}

function callerOf(callee: (...args: never[]) => unknown): NodeJS.CallSite | undefined {
  const { prepareStackTrace } = Error;
  Error.prepareStackTrace = (_, sites) => sites;
  const traced: { stack?: NodeJS.CallSite[] } = {};
  Error.captureStackTrace(traced, callee);
  const caller = traced.stack?.[0];
  Error.prepareStackTrace = prepareStackTrace;
  return caller;
}
