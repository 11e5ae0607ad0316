/**
 * Preloaded into each process of the SDK's: it ends with the engine, and doesn't load until it is needed what only the
 * serialization of functions needs, two thirds of the time that the SDK takes to start.
 */
import { createRequire } from "node:module";
import "./end-with-parent";
import { loadLazily } from "./lazy-module";

const script = process.argv[1];
if (script) {
  const load = createRequire(script);
  loadLazily(load, "../../typescript-shim");
  loadLazily(load, "@npmcli/arborist");
}
