/**
 * Preloaded into the SDK's host of dynamic providers: it prints the errors with which it answers some calls. The engine
 * tells those; what else is printed stays. This package's provider is loaded while the program starts, not at the first
 * call. What the host serves by gRPC it serves over the engine's pipe too.
 */
import type * as grpc from "@grpc/grpc-js";
import { realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { Socket } from "node:net";
import path from "node:path";
import { PIPE, serveOverPipe } from "../wire/piped-service";
import type { Served } from "../wire/piped-service";
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

if (host) serveHost(createRequire(host)("@grpc/grpc-js") as typeof grpc);

// When the host listens: it says where only then.
setImmediate(() => setImmediate(loadOwnProvider));

/** The host has one service, which it adds before it listens. */
function serveHost(library: typeof grpc): void {
  const { Server } = library;
  const { addService } = Server.prototype;
  let served: Served | undefined;
  Server.prototype.addService = function (service, implementation) {
    served = { service, implementation };
    addService.call(this, service, implementation);
  };
  const pipe = new Socket({ fd: PIPE });
  // The lifeline ends the process where the engine is gone.
  pipe.on("error", () => {});
  pipe.unref();
  serveOverPipe(library, () => served, pipe);
}

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
