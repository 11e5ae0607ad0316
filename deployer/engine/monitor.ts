import type { Duplex } from "node:stream";
import type { Metadata, sendUnaryData, ServerUnaryCall, ServiceError } from "@grpc/grpc-js";
import type { LogRequest } from "@pulumi/pulumi/proto/engine_pb";
import type {
  ReadResourceRequest,
  RegisterResourceOutputsRequest,
  RegisterResourceRequest,
  ResourceInvokeRequest,
  SupportsFeatureRequest,
} from "@pulumi/pulumi/proto/resource_pb";
import type { CheckResult } from "../plugins/provider-results";
import { withoutReferences } from "../wire/properties";
import type { PropertyMap } from "../wire/property-value";
import { CHANNEL_OPTIONS, REQUESTS_AT_A_TIME } from "../wire/channel-options";
import { serveOverPipe } from "../wire/piped-service";
import type { Served } from "../wire/piped-service";
import type { Sdk } from "../wire/sdk";
import { fromStruct, toStruct } from "../wire/struct";
import { nameOf } from "../wire/urn";
import { Stopped } from "./executor";
import type { Reading, Registration } from "./registration";
import { decodeReading, decodeRegistration } from "./registration";
import {
  Refusal,
  REFUSED_CALLS,
  refuseUnsupported,
  refuseUnsupportedInvoke,
  refuseUnsupportedRead,
  refuseValues,
} from "./refusals";

export interface Answer {
  urn: string;
  id: string;
  outputs: PropertyMap;
}

export interface Invocation {
  token: string;
  args: PropertyMap;
  provider: string;
  version: string;
}

/** What the services of the engine serve. Each may throw Stopped: the program then ends without a word. */
export interface MonitorBackend {
  register(registration: Registration): Promise<Answer>;
  read(reading: Reading): Promise<Answer>;
  registerOutputs(urn: string, outputs: PropertyMap): Promise<void>;
  invoke(invocation: Invocation): Promise<CheckResult>;
  log(
    severity: "debug" | "info" | "warning" | "error",
    message: string,
    urn: string,
    ephemeral: boolean,
  ): void;
  /** The request can't be served; what comes back is what the program is told. */
  refuse(refusal: Error, at: { position?: string }): Error;
}

export interface MonitorInfo {
  project: string;
  stack: string;
  config: Record<string, string>;
  secretKeys: Set<string>;
  preview: boolean;
  parallel: number;
  projectDir: string;
  programDir: string;
}

export interface Monitor {
  /** `127.0.0.1:PORT` of both services, ResourceMonitor and Engine. */
  address: string;
  /** Who answers from now on; what was asked before waits. */
  serve(backend: MonitorBackend): void;
  /** Serves the resource monitor to a program over its pipe too. */
  listenTo(pipe: Duplex): void;
  close(): void;
}

/**
 * Everything that the CLI advertises is advertised here too: what isn't supported of it is then refused by its name,
 * where an SDK that doesn't find it would tell its user to update the CLI.
 */
const FEATURES = [
  "secrets",
  "resourceReferences",
  "outputValues",
  "aliasSpecs",
  "deletedWith",
  "replaceWith",
  "replacementTrigger",
  "transforms",
  "invokeTransforms",
  "parameterization",
  "resourceHooks",
  "errorHooks",
] as const;

type Handler = (request: never) => unknown;

/** Serves a program: the resource monitor that it registers with, and the engine that it logs to. */
export async function startMonitor(sdk: Sdk, info: MonitorInfo): Promise<Monitor> {
  const server = new sdk.grpc.Server({
    ...CHANNEL_OPTIONS,
    "grpc.max_concurrent_streams": REQUESTS_AT_A_TIME,
  });
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync("127.0.0.1:0", sdk.grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  );
  const { ResourceMonitorService, EngineService } = sdk;
  let serve!: (backend: MonitorBackend) => void;
  const served = new Promise<MonitorBackend>((resolve) => (serve = resolve));
  const add = (
    definition: object,
    handlersOf: (backend: MonitorBackend) => Record<string, Handler>,
  ): Served => {
    const handling = served.then((backend) => ({ backend, handlers: handlersOf(backend) }));
    const implementation = service(sdk, definition, handling) as never;
    server.addService(definition as never, implementation);
    return { service: definition as never, implementation };
  };
  const monitor = add(ResourceMonitorService, (backend) => resourceMonitor(sdk, backend, info));
  add(EngineService, (backend) => engine(sdk, backend));
  const listenTo = (pipe: Duplex): void => serveOverPipe(sdk.grpc, () => monitor, pipe);
  return { address: `127.0.0.1:${port}`, serve, listenTo, close: () => server.forceShutdown() };
}

function resourceMonitor(sdk: Sdk, backend: MonitorBackend, info: MonitorInfo): Record<string, Handler> {
  const { resource, empty } = sdk;
  return {
    getDeploymentInfo() {
      const response = new resource.DeploymentInfo();
      response.setProject(info.project);
      response.setStack(info.stack);
      response.setOrganization("organization");
      response.setDryrun(info.preview);
      response.setParallel(info.parallel);
      const config = response.getConfigMap();
      for (const [key, value] of Object.entries(info.config)) config.set(key, value);
      response.setConfigsecretkeysList([...info.secretKeys]);
      response.setSupportedfeaturesList(
        FEATURES.map((name) => featureNumber(sdk, name)).filter((it) => it > 0),
      );
      return response;
    },
    supportsFeature(request: SupportsFeatureRequest) {
      const response = new resource.SupportsFeatureResponse();
      response.setHassupport((FEATURES as readonly string[]).includes(request.getId()));
      return response;
    },
    async registerResource(request: RegisterResourceRequest) {
      const registration = decodeRegistration(request, info.projectDir, info.programDir);
      refuseWith(backend, registration, () => refuseUnsupported(request, registration.inputs));
      const { urn, id, outputs } = await backend.register(registration);
      const response = new resource.RegisterResourceResponse();
      response.setUrn(urn);
      response.setId(id);
      response.setObject(toStruct(sdk, request.getAcceptresources() ? outputs : withoutReferences(outputs)));
      return response;
    },
    async registerResourceOutputs(request: RegisterResourceOutputsRequest) {
      const outputs = fromStruct(request.getOutputs());
      refuseWith(backend, {}, () => refuseValues(outputs, `the outputs of ${nameOf(request.getUrn())}`));
      await backend.registerOutputs(request.getUrn(), outputs);
      return new empty.Empty();
    },
    async readResource(request: ReadResourceRequest) {
      const reading = decodeReading(request, info.projectDir);
      refuseWith(backend, reading, () => refuseUnsupportedRead(request, reading.inputs));
      const { urn, outputs } = await backend.read(reading);
      const response = new resource.ReadResourceResponse();
      response.setUrn(urn);
      response.setProperties(
        toStruct(sdk, request.getAcceptresources() ? outputs : withoutReferences(outputs)),
      );
      return response;
    },
    async invoke(request: ResourceInvokeRequest) {
      const args = fromStruct(request.getArgs());
      refuseWith(backend, {}, () => refuseUnsupportedInvoke(request, args));
      const result = await backend.invoke({
        token: request.getTok(),
        args,
        provider: request.getProvider(),
        version: request.getVersion(),
      });
      const response = new (invokeResponse(sdk))();
      response.setReturn(
        toStruct(sdk, request.getAcceptresources() ? result.inputs : withoutReferences(result.inputs)),
      );
      response.setFailuresList(
        result.failures.map(({ property, reason }) => {
          const failure = new sdk.provider.CheckFailure();
          failure.setProperty(property);
          failure.setReason(reason);
          return failure;
        }),
      );
      return response;
    },
    signalAndWaitForShutdown: () => new empty.Empty(),
  };
}

function engine(sdk: Sdk, backend: MonitorBackend): Record<string, Handler> {
  const { engine: proto, empty } = sdk;
  let root = "";
  return {
    log(request: LogRequest) {
      const severity = (["debug", "info", "warning", "error"] as const)[request.getSeverity()] ?? "info";
      backend.log(severity, request.getMessage(), request.getUrn(), request.getEphemeral());
      return new empty.Empty();
    },
    getRootResource() {
      const response = new proto.GetRootResourceResponse();
      response.setUrn(root);
      return response;
    },
    setRootResource(request: { getUrn(): string }) {
      root = request.getUrn();
      return new proto.SetRootResourceResponse();
    },
  };
}

/** What else a service has is refused by its name. */
function service(
  sdk: Sdk,
  definition: object,
  handling: Promise<{ backend: MonitorBackend; handlers: Record<string, Handler> }>,
): Record<string, (call: ServerUnaryCall<unknown, unknown>, done: sendUnaryData<unknown>) => void> {
  return Object.fromEntries(
    Object.keys(definition).map((name) => [
      name,
      (call: ServerUnaryCall<unknown, unknown>, done: sendUnaryData<unknown>) => {
        handling
          .then(({ backend, handlers }) => {
            const handler = handlers[name];
            if (!handler) throw backend.refuse(new Refusal(REFUSED_CALLS[name] ?? name), {});
            return handler(call.request as never);
          })
          .then(
            (response) => done(null, response),
            (error: Error) => done(status(sdk, error), null),
          );
      },
    ]),
  );
}

function refuseWith(backend: MonitorBackend, at: { position?: string }, refuse: () => void): void {
  try {
    refuse();
  } catch (error) {
    throw backend.refuse(error as Error, at);
  }
}

function status(sdk: Sdk, error: Error): Partial<ServiceError> & { metadata?: Metadata } {
  const { UNAVAILABLE, INVALID_ARGUMENT } = sdk.grpc.status;
  return error instanceof Stopped
    ? { code: UNAVAILABLE, details: "the run is ending" }
    : { code: INVALID_ARGUMENT, details: error.message };
}

function featureNumber(sdk: Sdk, name: string): number {
  const key = `RESOURCE_MONITOR_FEATURE_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
  return (sdk.resource.ResourceMonitorFeature as unknown as Record<string, number>)[key] ?? 0;
}

/** SDKs from 3.250 on have a response of their own for the monitor, the same on the wire. */
function invokeResponse(sdk: Sdk): Sdk["provider"]["InvokeResponse"] {
  const { ResourceInvokeResponse } = sdk.resource as {
    ResourceInvokeResponse?: Sdk["provider"]["InvokeResponse"];
  };
  return ResourceInvokeResponse ?? sdk.provider.InvokeResponse;
}
