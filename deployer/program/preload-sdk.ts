/**
 * Preloaded into each process of the SDK's: it ends with the engine, doesn't load until it is needed what few programs
 * need, three quarters of the time that the SDK takes to start, and speaks gRPC without what nobody here looks at.
 */
import { createRequire } from "node:module";
import { LEAN_CHANNEL } from "../wire/channel-options";
import { makeStructsPlain } from "../wire/plain-struct";
import "./end-with-parent";
import { loadLazily } from "./lazy-module";

interface Settings {
  grpcChannelOptions?: object;
  /** Adds to each call the trace that it belongs to. */
  grpcClientOptions?: { interceptors?: unknown[] };
}

/** For the serialization of functions, for programs that run programs, for packages of many versions, and for traces. */
const SELDOM_NEEDED = [
  "../../typescript-shim",
  "@npmcli/arborist",
  "../../automation",
  "semver",
  "@opentelemetry/resources",
  "@opentelemetry/sdk-trace-base",
  "@opentelemetry/exporter-zipkin",
  "@opentelemetry/instrumentation-grpc",
  "@opentelemetry/sdk-trace-node",
  "@opentelemetry/instrumentation",
];

/** What only the SDK's own runtime gets stand-ins for. */
const SELDOM_NEEDED_IN_RUNTIME = ["normalize-package-data", "js-yaml", "@opentelemetry/api"];
const RUNTIME = ["../../runtime", "../../runtime/manifest"];

const script = process.argv[1];
if (script) {
  const load = createRequire(script);
  for (const request of SELDOM_NEEDED) loadLazily(load, request);
  const standIns = SELDOM_NEEDED_IN_RUNTIME.map((request) => loadLazily(load, request));
  for (const request of RUNTIME) loadAhead(load, request);
  for (const forget of standIns) forget();
  writePlainly(load);
  speakLean(load);
}

function loadAhead(load: NodeJS.Require, request: string): void {
  try {
    load(request);
  } catch {
    // Another version of the SDK hasn't got it, or tells what is wrong with it where it needs it.
  }
}

function writePlainly(load: NodeJS.Require): void {
  try {
    makeStructsPlain(load("google-protobuf/google/protobuf/struct_pb") as { Struct: unknown });
  } catch {
    // A version of the SDK with another library writes as that does.
  }
}

function speakLean(load: NodeJS.Require): void {
  let settings: Settings;
  try {
    settings = load("../../runtime/settings") as Settings;
  } catch {
    return;
  }
  const { grpcChannelOptions, grpcClientOptions } = settings;
  if (grpcChannelOptions) Object.assign(grpcChannelOptions, LEAN_CHANNEL);
  if (!grpcClientOptions) return;
  Object.assign(grpcClientOptions, LEAN_CHANNEL);
  if (!process.env["TRACEPARENT"]) grpcClientOptions.interceptors = [];
}
