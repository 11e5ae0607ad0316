import type { SourcePosition, StackTrace } from "@pulumi/pulumi/proto/source_pb";
import type {
  ReadResourceRequest,
  RegisterResourceRequest as Request,
} from "@pulumi/pulumi/proto/resource_pb";
import type { ResourceState } from "../state/resource-state";
import { withAssetHashes } from "../wire/assets";
import type { PropertyMap } from "../wire/property-value";
import { fromStruct } from "../wire/struct";
import type { Alias } from "./aliases";
import { seconds } from "./duration";
import { positionIn, positionOf } from "./source-position";

/** Where in the program something is declared, in the state's form and in the user's. */
export interface Declared {
  sourcePosition?: string;
  stackTrace?: { sourcePosition: string }[];
  /** `index.ts:12` */
  position?: string;
}

/** A resource that the program wants: a request to register it, decoded. */
export interface Registration extends Declared {
  type: string;
  name: string;
  custom: boolean;
  /** URNs, or "". */
  parent: string;
  inputs: PropertyMap;
  /** `<urn>::<id>` of an explicit provider, or "". */
  provider: string;
  /** A component's: by package, for what is inside it. */
  providers: Record<string, string>;
  version: string;
  dependencies: string[];
  propertyDependencies: Record<string, string[]>;
  protect?: boolean;
  retainOnDelete?: boolean;
  deletedWith: string;
  deleteBeforeReplace?: boolean;
  ignoreChanges: string[];
  replaceOnChanges: string[];
  additionalSecretOutputs: string[];
  aliases: Alias[];
  customTimeouts?: ResourceState["customTimeouts"];
}

/** A resource that the program only looks at (`.get`), decoded. */
export interface Reading extends Declared {
  type: string;
  name: string;
  id: string;
  parent: string;
  inputs: PropertyMap;
  provider: string;
  version: string;
  dependencies: string[];
  additionalSecretOutputs: string[];
}

export function decodeRegistration(request: Request, projectDir: string, programDir: string): Registration {
  const propertyDependencies: Record<string, string[]> = {};
  request.getPropertydependenciesMap().forEach((dependencies, key) => {
    propertyDependencies[key] = dependencies.getUrnsList();
  });
  const providers: Record<string, string> = {};
  request.getProvidersMap().forEach((reference, name) => {
    providers[name] = reference;
  });
  return {
    type: request.getType(),
    name: request.getName(),
    custom: request.getCustom(),
    parent: request.getParent(),
    inputs: withAssetHashes(fromStruct(request.getObject()), programDir),
    provider: request.getProvider(),
    providers,
    version: request.getVersion(),
    dependencies: [...new Set(request.getDependenciesList())],
    propertyDependencies,
    protect: request.hasProtect() ? request.getProtect() : undefined,
    retainOnDelete: request.hasRetainondelete() ? request.getRetainondelete() : undefined,
    deletedWith: request.getDeletedwith(),
    deleteBeforeReplace:
      request.getDeletebeforereplacedefined() || request.getDeletebeforereplace()
        ? request.getDeletebeforereplace()
        : undefined,
    ignoreChanges: request.getIgnorechangesList(),
    replaceOnChanges: request.getReplaceonchangesList(),
    additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
    aliases: [
      ...request.getAliasurnsList().map((urn): Alias => ({ urn })),
      ...request.getAliasesList().map(decodeAlias),
    ],
    customTimeouts: decodeTimeouts(request.getCustomtimeouts()),
    ...declared(request.getSourceposition(), request.getStacktrace(), projectDir),
  };
}

export function decodeReading(request: ReadResourceRequest, projectDir: string): Reading {
  return {
    type: request.getType(),
    name: request.getName(),
    id: request.getId(),
    parent: request.getParent(),
    inputs: fromStruct(request.getProperties()),
    provider: request.getProvider(),
    version: request.getVersion(),
    dependencies: [...new Set(request.getDependenciesList())],
    additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
    ...declared(request.getSourceposition(), request.getStacktrace(), projectDir),
  };
}

function decodeAlias(alias: ReturnType<Request["getAliasesList"]>[number]): Alias {
  const spec = alias.getSpec();
  if (!spec) return { urn: alias.getUrn() };
  return {
    name: spec.getName(),
    type: spec.getType(),
    stack: spec.getStack(),
    project: spec.getProject(),
    parent: spec.getParenturn(),
    noParent: spec.getNoparent(),
  };
}

function decodeTimeouts(timeouts: Request.CustomTimeouts | undefined): ResourceState["customTimeouts"] {
  const decoded = {
    create: seconds(timeouts?.getCreate()),
    update: seconds(timeouts?.getUpdate()),
    delete: seconds(timeouts?.getDelete()),
  };
  return decoded.create || decoded.update || decoded.delete ? decoded : undefined;
}

function declared(
  position: SourcePosition | undefined,
  trace: StackTrace | undefined,
  projectDir: string,
): Declared {
  const here =
    position && positionIn(projectDir, position.getUri(), position.getLine(), position.getColumn());
  if (!here) return {};
  const stackTrace = (trace?.getFramesList() ?? []).map((frame) => {
    const pc = frame.getPc();
    return {
      sourcePosition: (pc && positionIn(projectDir, pc.getUri(), pc.getLine(), pc.getColumn())) ?? "",
    };
  });
  return {
    sourcePosition: here,
    stackTrace,
    position: positionOf([here, ...stackTrace.map((frame) => frame.sourcePosition)]),
  };
}
