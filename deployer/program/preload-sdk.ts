/**
 * Preloaded into each process of the SDK's: it ends with the engine, doesn't load until it is needed what only the
 * serialization of functions needs, two thirds of the time that the SDK takes to start, and speaks gRPC without what
 * nobody here looks at.
 */
import { createRequire } from "node:module";
import { LEAN_CHANNEL } from "../wire/channel-options";
import "./end-with-parent";
import { loadLazily } from "./lazy-module";

interface Settings {
  grpcChannelOptions?: object;
  /** Adds to each call the trace that it belongs to. */
  grpcClientOptions?: { interceptors?: unknown[] };
}

const script = process.argv[1];
if (script) {
  const load = createRequire(script);
  loadLazily(load, "../../typescript-shim");
  loadLazily(load, "@npmcli/arborist");
  speakLean(load);
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
