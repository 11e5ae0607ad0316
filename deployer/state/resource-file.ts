import { unsupported, UserError } from "../user-error";
import type { PropertyMap } from "../wire/property-value";
import { isProviderType, packageOf, ROOT_STACK_TYPE } from "../wire/urn";
import type { PropertyFile } from "./property-file";
import type { PendingOperation, ResourceState } from "./resource-state";

/** Any JSON object of a file. */
export type Json = Record<string, unknown>;

type Shape = "string" | "boolean" | "strings" | "properties" | "other";

/** Every field that a resource may have in a file of version 3, in the CLI's order. */
const FIELDS: Record<keyof ResourceState, Shape> = {
  urn: "string",
  custom: "boolean",
  delete: "boolean",
  id: "string",
  type: "string",
  inputs: "properties",
  outputs: "properties",
  parent: "string",
  protect: "boolean",
  external: "boolean",
  dependencies: "strings",
  initErrors: "strings",
  provider: "string",
  propertyDependencies: "other",
  pendingReplacement: "boolean",
  additionalSecretOutputs: "strings",
  aliases: "strings",
  customTimeouts: "other",
  retainOnDelete: "boolean",
  deletedWith: "string",
  created: "string",
  modified: "string",
  sourcePosition: "string",
  stackTrace: "other",
  ignoreChanges: "strings",
  replaceOnChanges: "strings",
};
const NAMES = Object.keys(FIELDS) as (keyof ResourceState)[];

const TIMEOUTS = ["create", "update", "delete"];
const OPERATIONS = new Set<unknown>(["creating", "updating", "deleting", "reading", "importing"]);

export function readResource(raw: Json, values: PropertyFile): ResourceState {
  const urn = raw.urn;
  if (typeof urn !== "string" || urn === "") throw new UserError(`A resource of the state has no "urn".`);
  if (typeof raw.type !== "string" || raw.type === "")
    throw new UserError(`${urn} has no "type" in the state.`);
  const state: Record<string, unknown> = { urn, custom: raw.custom === true };
  for (const [name, value] of Object.entries(raw)) {
    if (isEmpty(value)) continue;
    const shape = FIELDS[name as keyof ResourceState];
    if (!shape) {
      throw new UserError(unsupported(`The field "${name}" of ${urn} in the state`));
    }
    if (!hasShape(value, shape))
      throw new UserError(`${urn} has a "${name}" of the wrong kind in the state.`);
    state[name] =
      shape === "properties" ? values.readMap(value as PropertyMap, `${place(raw)} ${name}`) : value;
  }
  refuseOtherFields(raw.customTimeouts, TIMEOUTS, `customTimeouts of ${urn}`);
  for (const frame of (raw.stackTrace ?? []) as Json[])
    refuseOtherFields(frame, ["sourcePosition"], `stackTrace of ${urn}`);
  refuseFeatures(state as unknown as ResourceState);
  if (state.stackTrace) {
    state.stackTrace = (raw.stackTrace as Json[]).map((frame) => ({
      sourcePosition: frame.sourcePosition ?? "",
    }));
  }
  return state as unknown as ResourceState;
}

/** What is outside the subset though its fields are those of any resource. */
function refuseFeatures({ urn, type, inputs }: ResourceState): void {
  const internal = Object.keys((isProviderType(type) && (inputs?.__internal as PropertyMap)) || {})[0];
  if (internal) throw new UserError(unsupported(`The "${internal}" of the provider ${urn} in the state`));
  if (packageOf(type) === "pulumi" && type !== ROOT_STACK_TYPE && !isProviderType(type))
    throw new UserError(unsupported(`${type}, the type of ${urn} in the state,`));
}

function refuseOtherFields(object: unknown, names: string[], place: string): void {
  const other = Object.keys(object ?? {}).find((name) => !names.includes(name));
  if (other) throw new UserError(unsupported(`The field "${other}" of ${place} in the state`));
}

export function writeResource(state: ResourceState, values: PropertyFile): Json {
  const raw: Json = {};
  for (const name of NAMES) {
    const value = state[name];
    if (name === "custom") raw[name] = state.custom;
    else if (isEmpty(value)) continue;
    else if (FIELDS[name] === "properties")
      raw[name] = values.writeMap(value as PropertyMap, `${place(state)} ${name}`);
    else raw[name] = value;
  }
  if (state.stackTrace?.length)
    raw.stackTrace = state.stackTrace.map(({ sourcePosition }) => (sourcePosition ? { sourcePosition } : {}));
  return raw;
}

/** Several resources may wait for their deletion under one URN. */
function place({ urn, id, delete: waits }: { urn?: unknown; id?: unknown; delete?: unknown }): string {
  return waits ? `${String(urn)} (${String(id)}, to be deleted)` : String(urn);
}

export function readOperation(raw: Json, values: PropertyFile): PendingOperation {
  if (!OPERATIONS.has(raw.type) || typeof raw.resource !== "object" || raw.resource === null) {
    throw new UserError(`The state has a pending operation of an unknown kind: ${JSON.stringify(raw.type)}.`);
  }
  refuseOtherFields(raw, ["resource", "type"], "a pending operation");
  return { resource: readResource(raw.resource as Json, values), type: raw.type as PendingOperation["type"] };
}

export function writeOperation(operation: PendingOperation, values: PropertyFile): Json {
  return { resource: writeResource(operation.resource, values), type: operation.type };
}

/** What Go's `omitempty` leaves out. */
export function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === "") return true;
  if (Array.isArray(value)) return value.length === 0;
  return typeof value === "object" && Object.keys(value).length === 0;
}

function hasShape(value: unknown, shape: Shape): boolean {
  switch (shape) {
    case "strings":
      return Array.isArray(value) && value.every((item) => typeof item === "string");
    case "properties":
      return typeof value === "object" && !Array.isArray(value);
    case "other":
      return typeof value === "object";
    default:
      return typeof value === shape;
  }
}
