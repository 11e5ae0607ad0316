/**
 * Preloaded into the program's process: leaves out two services of the SDK to its own developers, which take most of
 * a program's time and which nobody here sees, formats errors in a way that ends, and has each told once, and nothing
 * after the end of the run.
 */
import type * as grpc from "@grpc/grpc-js";
import { createRequire } from "node:module";
import path from "node:path";
import { transferLazily } from "./lazy-outputs";
import type { OutputMaker, TransferProperties } from "./lazy-outputs";
import { registerOverPipe } from "./piped-registrations";
import type { MonitorStubs } from "./piped-registrations";
import "./preload-sdk";
import { dropLogsAfterTheEnd } from "./quiet-log";
import type { Terminating } from "./quiet-log";

// A rejection that nobody waited for has ended the run, and has been told; that somebody does later is no news.
process.on("rejectionHandled", () => {});

const runner = process.argv[1];
if (runner) {
  const log = loadOfSdk(runner, "log") as Log | undefined;
  if (log) sendNoDebugMessages(log);
  const settings = loadOfSdk(runner, "runtime/settings") as Terminating | undefined;
  if (settings) dropLogsAfterTheEnd(settings);
  const debuggable = loadOfSdk(runner, "runtime/debuggable") as Debuggable | undefined;
  if (debuggable && !process.env["PULUMI_DEBUG_PROMISE_LEAKS"]) {
    const state = loadOfSdk(runner, "runtime/state") as State | undefined;
    if (state) watchWithoutStacks(debuggable, state);
    makeOutputsLazily(debuggable);
  }
  const rpc = loadOfSdk(runner, "runtime/rpc") as Partial<Serializer> | undefined;
  if (rpc?.serializeResourceProperties) prepareInTurns(rpc as Serializer);
  const stubs = loadOfSdk(runner, "proto/resource_grpc_pb") as MonitorStubs | undefined;
  if (stubs) registerOverPipe(createRequire(runner)("@grpc/grpc-js") as typeof grpc, stubs);
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
interface State {
  getStore: () => { leakCandidates: Set<Promise<unknown>> };
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

/**
 * Watches each promise of the SDK's until it is settled, as the SDK does, so that a program that ends with promises
 * open fails; but without the stack that it comes from, mapped to its sources.
 */
function watchWithoutStacks(debuggable: Debuggable, { getStore }: State): void {
  const { debuggablePromise } = debuggable;
  let isFirst = true;
  debuggable.debuggablePromise = (promise, context) => {
    // The SDK's own schedules, with the first, the look at what is open in the end.
    if (isFirst) {
      isFirst = false;
      return debuggablePromise(promise, context);
    }
    const open = getStore().leakCandidates;
    open.add(promise);
    return promise.then(
      (value) => {
        open.delete(promise);
        return value;
      },
      (error: { promise?: unknown }) => {
        open.delete(promise);
        error.promise = promise;
        throw error;
      },
    );
  };
}

interface Serializer {
  serializeResourceProperties: (...resource: unknown[]) => Promise<unknown>;
}

const PREPARED_IN_ONE_TURN = 32;

/**
 * Sends the first resources while it prepares the others: it would prepare all of them in one turn of the event loop,
 * and nothing leaves the process before that is over. In the order of their preparation, as without.
 */
function prepareInTurns(serializer: Serializer): void {
  const { serializeResourceProperties } = serializer;
  const waiting: (() => void)[] = [];
  const goOn = (): void => {
    for (const next of waiting.splice(0, PREPARED_IN_ONE_TURN)) next();
    if (waiting.length > 0) setImmediate(goOn);
  };
  serializer.serializeResourceProperties = async (...resource) => {
    const properties = await serializeResourceProperties(...resource);
    await new Promise<void>((resolve) => {
      if (waiting.push(resolve) === 1) setImmediate(goOn);
    });
    return properties;
  };
}

function makeOutputsLazily(debuggable: Debuggable): void {
  const rpc = loadOfSdk(runner!, "runtime/rpc") as { transferProperties?: TransferProperties } | undefined;
  const output = loadOfSdk(runner!, "output") as Pick<OutputMaker, "Output"> | undefined;
  const errors = loadOfSdk(runner!, "errors") as Pick<OutputMaker, "isGrpcError"> | undefined;
  if (!rpc?.transferProperties || !output?.Output || !errors?.isGrpcError) return;
  rpc.transferProperties = transferLazily({
    Output: output.Output,
    isGrpcError: errors.isGrpcError,
    watch: (promise, context) => debuggable.debuggablePromise(promise, context),
  });
}
