/*
 * Preloaded (NODE_OPTIONS=--require) into every Node process of a run: in the host of dynamic providers it writes down
 * what the provider is asked, a line of JSON a call, to the file that RECORD_CALLS names.
 */
import { appendFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

interface Struct {
  toJavaScript(): unknown;
}
type Getters = Record<string, (() => unknown) | undefined>;
type Handler = (call: { request: Getters }, ...rest: unknown[]) => unknown;

const METHODS = ["check", "diff", "create", "read", "update", "delete"];
const FIELDS = ["Urn", "Id", "Olds", "News", "Properties", "Inputs", "OldInputs"];

const file = process.env.RECORD_CALLS;
const host = process.argv[1] ?? "";
if (file && path.basename(path.dirname(host)) === "dynamic-provider") {
  const { Server } = createRequire(host)("@grpc/grpc-js") as {
    Server: { prototype: { addService(definition: object, handlers: Record<string, Handler>): void } };
  };
  const addService = Server.prototype.addService;
  Server.prototype.addService = function (definition, handlers) {
    for (const method of METHODS) {
      const handle = handlers[method];
      if (!handle) continue;
      handlers[method] = (call, ...rest) => {
        appendFileSync(file, `${JSON.stringify({ method, ...fieldsOf(call.request) })}\n`);
        return handle.call(handlers, call, ...rest);
      };
    }
    return addService.call(this, definition, handlers);
  };
}

function fieldsOf(request: Getters): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const field of FIELDS) {
    const value = request[`get${field}`]?.();
    if (value === undefined || value === "") continue;
    fields[field] = typeof value === "string" ? value : (value as Struct).toJavaScript();
  }
  return fields;
}
