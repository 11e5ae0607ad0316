import type { Duplex } from "node:stream";
import type { ServiceError } from "@grpc/grpc-js";
import { CHANNEL_OPTIONS } from "../wire/channel-options";
import { pipedClient } from "../wire/piped-service";
import type { Sdk } from "../wire/sdk";
import { providerError } from "./provider-error";
import type { Message } from "./provider-messages";

/** The methods of the ResourceProvider protocol, wherever they are served. */
export type ProviderRpc = InstanceType<Sdk["ResourceProviderClient"]>;

/** A plugin that listens on a port of this machine. */
export function dialProvider(sdk: Sdk, port: number): ProviderRpc {
  const insecure = sdk.grpc.credentials.createInsecure();
  return new sdk.ResourceProviderClient(`127.0.0.1:${port}`, insecure, CHANNEL_OPTIONS);
}

/** A provider that serves a pipe: a call of gRPC takes ten times as long. */
export function talkToProvider({ grpc, ResourceProviderService }: Sdk, pipe: Duplex): ProviderRpc {
  const client = { ...pipedClient(grpc, ResourceProviderService as never, pipe), close: () => {} };
  return client as unknown as ProviderRpc;
}

/** The calls of the ResourceProvider protocol that are made, and what answers them. */
interface Calls {
  handshake: "ProviderHandshakeResponse";
  checkConfig: "CheckResponse";
  diffConfig: "DiffResponse";
  configure: "ConfigureResponse";
  check: "CheckResponse";
  diff: "DiffResponse";
  create: "CreateResponse";
  update: "UpdateResponse";
  read: "ReadResponse";
  delete: never;
  invoke: "InvokeResponse";
}
type Answer<K extends keyof Calls> = Message<Calls[K]>;

type Send<T> = (request: unknown, done: (error: ServiceError | null, response: T) => void) => unknown;

/** Messages to a provider, and its answers. What it refuses is thrown as a ProviderError. */
export class ProviderCalls {
  constructor(
    private readonly sdk: Sdk,
    /** Of the provider. */
    private readonly name: string,
    private readonly rpc: ProviderRpc,
  ) {}

  call<K extends keyof Calls>(method: K, request: unknown): Promise<Answer<K>> {
    return new Promise((resolve, reject) => {
      const rpc = this.rpc as unknown as Record<K, Send<Answer<K>>>;
      rpc[method](request, (error, response) =>
        error ? reject(providerError(this.sdk, this.name, error)) : resolve(response),
      );
    });
  }

  /** Undefined where the provider doesn't implement the call. */
  callOptional<K extends keyof Calls>(method: K, request: unknown): Promise<Answer<K> | undefined> {
    return this.call(method, request).catch((error) => {
      if (error.code === this.sdk.grpc.status.UNIMPLEMENTED) return undefined;
      throw error;
    });
  }

  close(): void {
    this.rpc.close();
  }
}
