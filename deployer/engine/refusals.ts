import type { Message } from "google-protobuf";
import type {
  ReadResourceRequest,
  RegisterResourceRequest,
  ResourceInvokeRequest,
} from "@pulumi/pulumi/proto/resource_pb";
import { unsupported } from "../user-error";
import { unsupportedKind } from "../wire/properties";
import type { PropertyMap } from "../wire/property-value";
import { isProviderType, packageOf, ROOT_STACK_TYPE } from "../wire/urn";

/** What this engine doesn't do, and doesn't do by half: told to the program, which ends with it. */
export class Refusal extends Error {
  constructor(what: string) {
    super(unsupported(`${what[0]!.toUpperCase()}${what.slice(1)}`));
    this.name = "Refusal";
  }
}

/**
 * The fields of a request, in lower case: true for one that is served, else the words in which it is refused where it
 * is set. One that isn't listed is refused by its own name: a newer SDK may send it.
 */
type Fields = Record<string, true | string>;

const served = (names: string): Fields => Object.fromEntries(names.split(" ").map((name) => [name, true]));

const ALL_REQUESTS: Fields = {
  ...served("provider version sourceposition stacktrace parentstacktracehandle"),
  plugindownloadurl: "the option pluginDownloadURL",
  pluginchecksums: "the checksum of a plugin",
  packageref: "a parameterised package",
};

export const REGISTRATION_FIELDS: Fields = {
  ...ALL_REQUESTS,
  ...served("type name parent custom object dependencies propertydependencies providers aliasurns aliases"),
  ...served("protect retainondelete deletedwith deletebeforereplace deletebeforereplacedefined"),
  ...served("ignorechanges replaceonchanges additionalsecretoutputs customtimeouts aliasspecs"),
  importid: "the option import",
  transforms: "the option transforms",
  hooks: "the option hooks",
  replacewith: "the option replaceWith",
  replacementtrigger: "the option replacementTrigger",
  hidediffs: "the option hideDiffs",
  envvarmappings: "the option envVarMappings",
  statemigrations: "the option stateMigrations",
  snippetid: "a snippet",
  remote: "a remote component",
};

export const TIMEOUT_FIELDS: Fields = { ...served("create update delete"), read: "the timeout of reads" };

export const READ_FIELDS: Fields = {
  ...ALL_REQUESTS,
  ...served("id type name parent properties dependencies additionalsecretoutputs"),
};

export const INVOKE_FIELDS: Fields = { ...ALL_REQUESTS, ...served("tok args dependson parent") };

/** The calls of the engine's services that are refused, whatever they are about. */
export const REFUSED_CALLS: Record<string, string> = {
  call: "a method call of a remote component",
  registerStackTransform: "a transform of the stack's resources",
  registerStackInvokeTransform: "a transform of the stack's function calls",
  registerResourceHook: "a resource hook",
  registerErrorHook: "an error hook",
  registerPackage: "a parameterised package",
  requirePulumiVersion: "a required version of the Pulumi CLI",
  startDebugging: "debugging the program",
};

/** The functions of Pulumi's own package that this engine has. */
const OWN_FUNCTIONS = new Set(["pulumi:pulumi:getResource"]);

/** @throws Refusal naming the first thing of the request, with its decoded properties, that isn't supported. */
export function refuseUnsupported(request: RegisterResourceRequest, inputs: PropertyMap): void {
  const resource = `of ${request.getName()} (${request.getType()})`;
  if (request.getCustom()) refuseBuiltIn(request.getType(), resource);
  refuseFields(request, REGISTRATION_FIELDS, resource);
  const timeouts = request.getCustomtimeouts();
  if (timeouts) refuseFields(timeouts, TIMEOUT_FIELDS, resource);
  refuseNested("ignoreChanges", request.getIgnorechangesList(), resource);
  refuseNested("replaceOnChanges", request.getReplaceonchangesList(), resource);
  refuseValues(inputs, `the properties ${resource}`);
}

export function refuseUnsupportedRead(request: ReadResourceRequest, inputs: PropertyMap): void {
  const resource = `of ${request.getName()} (${request.getType()})`;
  refuseBuiltIn(request.getType(), resource);
  refuseFields(request, READ_FIELDS, resource);
  refuseValues(inputs, `the properties ${resource}`);
}

export function refuseUnsupportedInvoke(request: ResourceInvokeRequest, args: PropertyMap): void {
  const token = request.getTok();
  if (packageOf(token) === "pulumi" && !OWN_FUNCTIONS.has(token)) throw new Refusal(`the function ${token}`);
  refuseFields(request, INVOKE_FIELDS, `of ${token}`);
  refuseValues(args, `the arguments of ${token}`);
}

/** @throws Refusal where a value is of a kind that isn't supported; `where` says in what it is. */
export function refuseValues(values: PropertyMap, where: string): void {
  const kind = unsupportedKind(values);
  if (kind) throw new Refusal(`${kind} among ${where}`);
}

/** Of Pulumi's own package there are the stack and the providers; the CLI serves the rest of it itself. */
function refuseBuiltIn(type: string, resource: string): void {
  if (packageOf(type) !== "pulumi" || type === ROOT_STACK_TYPE || isProviderType(type)) return;
  throw new Refusal(`${type.split(":").at(-1)} ${resource}`);
}

function refuseNested(option: string, keys: string[], resource: string): void {
  const nested = keys.find((key) => /[.[*"]/.test(key));
  if (nested) throw new Refusal(`the path "${nested}" in the option ${option} ${resource}`);
}

function refuseFields(request: Message, fields: Fields, resource: string): void {
  for (const [field, getter] of gettersOf(request)) {
    const words = fields[field] ?? `the field ${field}`;
    if (words !== true && isSet((request as unknown as Record<string, () => unknown>)[getter]!()))
      throw new Refusal(`${words} ${resource}`);
  }
}

const getters = new WeakMap<object, [field: string, getter: string][]>();

/** The fields of a message as the user's own SDK has them, but for those that tell what that SDK understands. */
export function gettersOf(message: Message): [field: string, getter: string][] {
  const prototype = Object.getPrototypeOf(message) as object;
  let found = getters.get(prototype);
  if (!found) {
    found = Object.getOwnPropertyNames(prototype).flatMap((getter): [string, string][] => {
      const field = /^get(.+?)(List|Map)?$/.exec(getter)?.[1]?.toLowerCase();
      return field && !/^(accept|support)/.test(field) ? [[field, getter]] : [];
    });
    getters.set(prototype, found);
  }
  return found;
}

/** Whether a field holds anything; a message that is empty is as good as none. */
function isSet(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return !!value;
  if (Array.isArray(value)) return value.length > 0;
  if ("getLength" in value) return (value as { getLength(): number }).getLength() > 0;
  return (value as Message).serializeBinary().length > 0;
}
