/**
 * Preloaded into the SDK's host of dynamic providers: it prints the errors with which it answers some calls. The engine
 * tells those; what else is printed stays. This package's provider is loaded while the program starts, not at the first
 * call.
 */
import { realpathSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
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

// When the host listens: it says where only then.
setImmediate(() => setImmediate(loadOwnProvider));

/** From where the texts that stand for providers load it. */
function loadOwnProvider(): void {
  try {
    createRequire(path.resolve("any.js"))("pulumi-private-images/provider");
  } catch {
    // A program without it has no resource that needs it; what else is wrong is told at the first call.
  }
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
