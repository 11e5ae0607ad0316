import type { ServiceError } from "@grpc/grpc-js";
import type * as provider from "@pulumi/pulumi/proto/provider_pb";
import { fromStruct, toStruct } from "../wire/struct";
import type { ProviderRpc } from "../plugins/provider-rpc";
import type { Sdk } from "../wire/sdk";
import { diffInputs } from "./diff";
import { checkInputs, completeInputs } from "./inputs";
import { resourceOfType } from "./resources";
import { plannedStateOf, stateOf, updatedStateOf } from "./state";

/**
 * A provider of the resources of Pulumi's random package, in this process: it takes and answers the messages of its
 * plugin's protocol, and makes the states of its plugin. Either of them takes up what the other made.
 */
export function randomClient(sdk: Sdk): ProviderRpc {
  const client = { ...serve(sdk, handlers(sdk)), close: () => {} };
  return client as unknown as ProviderRpc;
}

function handlers(sdk: Sdk): Record<string, Handler> {
  const pb = sdk.provider;
  const struct = (properties: Parameters<typeof toStruct>[1]) => toStruct(sdk, properties);
  const nothing = () => new sdk.empty.Empty();

  return {
    checkConfig: (request: provider.CheckRequest) => new pb.CheckResponse().setInputs(request.getNews()),
    diffConfig: () => new pb.DiffResponse().setChanges(pb.DiffResponse.DiffChanges.DIFF_NONE),
    configure: () => new pb.ConfigureResponse().setSupportspreview(true).setAcceptresources(true),

    check(request: provider.CheckRequest) {
      const resource = resourceOfType(typeOf(request));
      const declared = fromStruct(request.getNews());
      const failures = checkInputs(resource, declared, fromStruct(request.getOlds())).map(
        ({ property, reason }) => new pb.CheckFailure().setProperty(property).setReason(reason),
      );
      return new pb.CheckResponse().setInputs(request.getNews()).setFailuresList(failures);
    },

    diff(request: provider.DiffRequest) {
      const { changed, replaces } = diffInputs(
        resourceOfType(typeOf(request)),
        fromStruct(request.getOlds()),
        fromStruct(request.getNews()),
      );
      const { DIFF_NONE, DIFF_SOME } = pb.DiffResponse.DiffChanges;
      return new pb.DiffResponse()
        .setChanges(changed.length > 0 ? DIFF_SOME : DIFF_NONE)
        .setDiffsList(changed)
        .setReplacesList(replaces);
    },

    async create(request: provider.CreateRequest) {
      const resource = resourceOfType(typeOf(request));
      const declared = fromStruct(request.getProperties());
      if (request.getPreview())
        return new pb.CreateResponse().setProperties(struct(plannedStateOf(resource, declared)));
      const drawn = await resource.create(completeInputs(resource, declared));
      return new pb.CreateResponse()
        .setId(drawn.id)
        .setProperties(struct(stateOf(resource, declared, drawn)));
    },

    /** A random value stands nowhere but in the state; only `.get` brings none. */
    async read(request: provider.ReadRequest) {
      const response = new pb.ReadResponse().setId(request.getId());
      const state = fromStruct(request.getProperties());
      if (Object.keys(state).length > 0)
        return response.setProperties(request.getProperties()).setInputs(request.getInputs());
      const resource = resourceOfType(typeOf(request));
      if (!resource.import) throw new Error(`an existing ${resource.name} can't be read`);
      const { inputs, ...drawn } = await resource.import(request.getId());
      return response
        .setId(drawn.id)
        .setProperties(struct(stateOf(resource, inputs, drawn)))
        .setInputs(struct(inputs));
    },

    update(request: provider.UpdateRequest) {
      const resource = resourceOfType(typeOf(request));
      const updated = updatedStateOf(resource, fromStruct(request.getOlds()), fromStruct(request.getNews()));
      return new pb.UpdateResponse().setProperties(struct(updated));
    },

    delete: nothing,
    cancel: nothing,
    attach: nothing,
  };
}

/** `urn:pulumi:<stack>::<project>::<parent types>$<type>::<name>` */
function typeOf(request: { getUrn(): string }): string {
  return request.getUrn().split("::")[2]!.split("$").pop()!;
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- each method has its own request
type Handler = (request: any) => unknown;

/** Handlers as methods of a client; what they throw is told as it is, and what isn't there as unimplemented. */
function serve({ grpc, ResourceProviderService }: Sdk, own: Record<string, Handler>) {
  type Done = (error: Partial<ServiceError> | null, response?: unknown) => void;
  const methods: Record<string, (request: unknown, done: Done) => Promise<void>> = {};
  for (const name of Object.keys(ResourceProviderService)) {
    methods[name] = async (request, done) => {
      const handler = own[name];
      if (!handler) return done({ code: grpc.status.UNIMPLEMENTED, details: `${name} isn't served` });
      let response: unknown;
      try {
        response = await handler(request);
      } catch (error) {
        const details = (error as Error).message;
        return done({ code: grpc.status.UNKNOWN, details, message: details });
      }
      done(null, response);
    };
  }
  return methods;
}
