import type {
  ReadResourceRequest,
  RegisterResourceRequest,
  ResourceInvokeRequest,
} from "@pulumi/pulumi/proto/resource_pb";
import { unsupportedKind } from "../wire/properties";
import { fromStruct } from "../wire/struct";

/** What this engine doesn't do, and doesn't do by half: told to the program, which ends with it. */
export class Refusal extends Error {
  constructor(what: string) {
    super(
      `${what[0]!.toUpperCase()}${what.slice(1)} isn't supported here: the Pulumi CLI on the same state is the way to it.`,
    );
    this.name = "Refusal";
  }
}

/** @throws Refusal naming the first thing of the request that isn't supported. */
export function refuseUnsupported(request: RegisterResourceRequest): void {
  const resource = `of ${request.getName()} (${request.getType()})`;
  const options: [string, boolean][] = [
    ["the option import", request.getImportid() !== ""],
    ["the option transforms", request.getTransformsList().length > 0],
    ["the option hooks", request.hasHooks() && hasHooks(request)],
    ["the option replaceWith", request.getReplaceWithList().length > 0],
    ["the option replacementTrigger", request.hasReplacementTrigger()],
    ["the option pluginDownloadURL", request.getPlugindownloadurl() !== ""],
    ["the option hideDiffs", request.getHidediffsList().length > 0],
    ["the option envVarMappings", request.getEnvvarmappingsMap().getLength() > 0],
    ["a remote component", request.getRemote()],
    ["a parameterised package", request.getPackageref() !== ""],
  ];
  const unsupported = options.find(([, used]) => used);
  if (unsupported) throw new Refusal(`${unsupported[0]} ${resource}`);
  refuseNested("ignoreChanges", request.getIgnorechangesList(), resource);
  refuseNested("replaceOnChanges", request.getReplaceonchangesList(), resource);
  const kind = unsupportedKind(fromStruct(request.getObject()));
  if (kind) throw new Refusal(`an ${kind} among the properties ${resource}`);
}

export function refuseUnsupportedRead(request: ReadResourceRequest): void {
  const resource = `of ${request.getName()} (${request.getType()})`;
  if (request.getType() === "pulumi:pulumi:StackReference") throw new Refusal(`StackReference ${resource}`);
  if (request.getPackageref()) throw new Refusal(`a parameterised package ${resource}`);
  if (request.getPlugindownloadurl()) throw new Refusal(`the option pluginDownloadURL ${resource}`);
}

export function refuseUnsupportedInvoke(request: ResourceInvokeRequest): void {
  if (request.getPackageref()) throw new Refusal(`a parameterised package of ${request.getTok()}`);
  if (request.getPlugindownloadurl())
    throw new Refusal(`the option pluginDownloadURL of ${request.getTok()}`);
}

function hasHooks(request: RegisterResourceRequest): boolean {
  return Object.values(request.getHooks()!.toObject()).some((names) => names.length > 0);
}

function refuseNested(option: string, keys: string[], resource: string): void {
  const nested = keys.find((key) => /[.[*"]/.test(key));
  if (nested) throw new Refusal(`the path "${nested}" in the option ${option} ${resource}`);
}
