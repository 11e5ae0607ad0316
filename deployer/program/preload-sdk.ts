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

/** For the serialization of functions, for programs that run programs, and for traces. */
const SELDOM_NEEDED = [
  "../../typescript-shim",
  "@npmcli/arborist",
  "../../automation",
  "@opentelemetry/resources",
  "@opentelemetry/sdk-trace-base",
  "@opentelemetry/exporter-zipkin",
  "@opentelemetry/instrumentation-grpc",
  "@opentelemetry/sdk-trace-node",
  "@opentelemetry/instrumentation",
];

const script = process.argv[1];
if (script) {
  const load = createRequire(script);
  for (const request of SELDOM_NEEDED) loadLazily(load, request);
  writePlainly(load);
  speakLean(load);
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
