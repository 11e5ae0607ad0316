import type { ServiceError } from "@grpc/grpc-js";
import type { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { CHANNEL_OPTIONS } from "../wire/channel-options";
import {
  annotateSecrets,
  containsSecrets,
  containsUnknowns,
  withoutAssetContents,
  withoutReferences,
  withoutSecrets,
} from "../wire/properties";
import type { PropertyMap } from "../wire/property-value";
import { secret } from "../wire/property-value";
import type { Sdk } from "../wire/sdk";
import { fromStruct, toStruct } from "../wire/struct";
import { InitError, ProviderError, providerError } from "./provider-error";
import { checkFailures, diffResult, identify } from "./provider-messages";
import type { Message } from "./provider-messages";
import type {
  CheckResult,
  CreateResult,
  DiffResult,
  Existing,
  ReadResult,
  UpdateResult,
} from "./provider-results";

type Protocol = { secrets: boolean; references: boolean; preview: boolean };
type Callback<T> = (error: ServiceError | null, response: T) => void;

/** The methods of the ResourceProvider protocol, wherever they are served. */
export type ProviderRpc = InstanceType<Sdk["ResourceProviderClient"]>;

/** A plugin that listens on a port of this machine. */
export function dialProvider(sdk: Sdk, port: number): ProviderRpc {
  const insecure = sdk.grpc.credentials.createInsecure();
  return new sdk.ResourceProviderClient(`127.0.0.1:${port}`, insecure, CHANNEL_OPTIONS);
}

/**
 * A client of a provider that has just been started, after shaking hands where it can.
 *
 * @throws ProviderError where it doesn't answer.
 */
export async function connectProvider(
  sdk: Sdk,
  name: string,
  rpc: ProviderRpc,
  engineAddress: string,
): Promise<ProviderClient> {
  const client = new ProviderClient(sdk, name, rpc);
  await client.handshake(engineAddress);
  return client;
}

/** A provider as the engine speaks to it: properties in, properties out; secrets go as far as the provider takes them. */
export class ProviderClient {
  private protocol: Protocol | undefined;
  /** A provider whose configuration depends on what doesn't exist yet: it can't be asked anything in this preview. */
  private configured = Promise.resolve<"known" | "unknown">("unknown");

  constructor(
    private readonly sdk: Sdk,
    readonly name: string,
    private readonly client: ProviderRpc,
  ) {}

  async handshake(engineAddress: string): Promise<void> {
    const request = new this.sdk.provider.ProviderHandshakeRequest();
    request.setEngineAddress(engineAddress);
    request.setConfigureWithUrn(true);
    request.setInvokeWithPreview(true);
    const response = await this.callOptional((done: Callback<unknown>) =>
      this.client.handshake(request, done as never),
    );
    if (!response) return;
    const answer = response as Message<"ProviderHandshakeResponse">;
    this.protocol = {
      secrets: answer.getAcceptSecrets(),
      references: answer.getAcceptResources(),
      preview: true,
    };
  }

  async checkConfig(urn: string, olds: PropertyMap, news: PropertyMap): Promise<CheckResult> {
    const request = new this.sdk.provider.CheckRequest();
    identify(request, urn);
    request.setOlds(this.plain(olds));
    request.setNews(this.plain(news));
    const response = await this.callOptional<Message<"CheckResponse">>((done) =>
      this.client.checkConfig(request, done),
    );
    if (!response) return { inputs: news, failures: [] };
    return {
      inputs: annotateSecrets(fromStruct(response.getInputs()), news),
      failures: checkFailures(response),
    };
  }

  /** Undefined: the provider doesn't say; nothing is replaced then. */
  async diffConfig(urn: string, old: Existing, news: PropertyMap): Promise<DiffResult | undefined> {
    const request = new this.sdk.provider.DiffRequest();
    identify(request, urn);
    request.setOldInputs(this.plain(old.inputs));
    request.setOlds(this.plain(old.outputs));
    request.setNews(this.plain(news));
    const response = await this.callOptional<Message<"DiffResponse">>((done) =>
      this.client.diffConfig(request, done),
    );
    return response && diffResult(response);
  }

  /** Doesn't wait for the answer: the first call that needs the configuration does. */
  configure(urn: string, id: string, inputs: PropertyMap): void {
    if (containsUnknowns(inputs)) return;
    const request = new this.sdk.provider.ConfigureRequest();
    identify(request, urn);
    request.setId(id);
    request.setAcceptsecrets(true);
    request.setAcceptresources(true);
    request.setSendsOldInputs(true);
    request.setSendsOldInputsToDelete(true);
    request.setArgs(toStruct(this.sdk, inputs));
    const variables = request.getVariablesMap();
    for (const [key, value] of Object.entries(withoutSecrets(inputs))) {
      if (key !== "version")
        variables.set(
          `${this.name}:config:${key}`,
          typeof value === "string" ? value : JSON.stringify(value),
        );
    }
    this.configured = this.call<Message<"ConfigureResponse">>((done) =>
      this.client.configure(request, done),
    ).then((response) => {
      this.protocol ??= {
        secrets: response.getAcceptsecrets(),
        references: response.getAcceptresources(),
        preview: response.getSupportspreview(),
      };
      return "known";
    });
    this.configured.catch(() => {});
  }

  async check(
    urn: string,
    olds: PropertyMap | undefined,
    news: PropertyMap,
    randomSeed: Uint8Array,
  ): Promise<CheckResult> {
    if ((await this.configured) === "unknown") return { inputs: news, failures: [] };
    const request = new this.sdk.provider.CheckRequest();
    identify(request, urn);
    request.setOlds(this.marshal(olds ?? {}));
    request.setNews(this.marshal(news));
    request.setRandomseed(randomSeed);
    const response = await this.call<Message<"CheckResponse">>((done) => this.client.check(request, done));
    return { inputs: this.received(response.getInputs(), news), failures: checkFailures(response) };
  }

  /** Undefined: the provider can't be asked, for its own configuration isn't known yet. */
  async diff(old: Existing, news: PropertyMap, ignoreChanges: string[]): Promise<DiffResult | undefined> {
    if ((await this.configured) === "unknown") return undefined;
    const request = new this.sdk.provider.DiffRequest();
    request.setId(old.id);
    identify(request, old.urn);
    request.setOldInputs(this.marshalOld(old.inputs));
    request.setOlds(this.marshalOld(old.outputs));
    request.setNews(this.marshalOld(news));
    request.setIgnorechangesList(ignoreChanges);
    return diffResult(await this.call<Message<"DiffResponse">>((done) => this.client.diff(request, done)));
  }

  async create(
    urn: string,
    inputs: PropertyMap,
    options: { preview: boolean; timeout?: number },
  ): Promise<CreateResult> {
    const configuration = await this.configured;
    if (options.preview) {
      if (configuration === "unknown") return { id: "", outputs: {} };
      if (!this.protocol!.preview) return { id: "", outputs: inputs };
    }
    const request = new this.sdk.provider.CreateRequest();
    identify(request, urn);
    request.setProperties(this.marshal(inputs));
    request.setPreview(options.preview);
    request.setTimeout(options.timeout ?? 0);
    try {
      const response = await this.call<Message<"CreateResponse">>((done) =>
        this.client.create(request, done),
      );
      const id = response.getId();
      if (id === "" && !options.preview) {
        throw new ProviderError(`The provider of "${this.name}" returned no ID from create.`);
      }
      return { id, outputs: this.received(response.getProperties(), inputs) };
    } catch (error) {
      if (!(error instanceof InitError)) throw error;
      return {
        id: error.id,
        outputs: this.annotated(error.outputs, inputs),
        initErrors: error.reasons,
      };
    }
  }

  async update(
    old: Existing,
    inputs: PropertyMap,
    options: { preview: boolean; timeout?: number; ignoreChanges: string[] },
  ): Promise<UpdateResult> {
    const configuration = await this.configured;
    if (options.preview) {
      if (configuration === "unknown") return { outputs: {} };
      if (!this.protocol!.preview) return { outputs: inputs };
    }
    const request = new this.sdk.provider.UpdateRequest();
    request.setId(old.id);
    identify(request, old.urn);
    request.setOldInputs(this.marshalOld(old.inputs));
    request.setOlds(this.marshalOld(old.outputs));
    request.setNews(this.marshal(inputs));
    request.setPreview(options.preview);
    request.setTimeout(options.timeout ?? 0);
    request.setIgnorechangesList(options.ignoreChanges);
    try {
      const response = await this.call<Message<"UpdateResponse">>((done) =>
        this.client.update(request, done),
      );
      return { outputs: this.received(response.getProperties(), inputs) };
    } catch (error) {
      if (!(error instanceof InitError)) throw error;
      return { outputs: this.annotated(error.outputs, inputs), initErrors: error.reasons };
    }
  }

  async read(resource: Existing): Promise<ReadResult> {
    if ((await this.configured) === "unknown") return { id: resource.id, outputs: {}, inputs: {} };
    const request = new this.sdk.provider.ReadRequest();
    request.setId(resource.id);
    identify(request, resource.urn);
    request.setInputs(this.marshalOld(resource.inputs));
    request.setProperties(this.marshalOld(resource.outputs));
    try {
      const response = await this.call<Message<"ReadResponse">>((done) => this.client.read(request, done));
      const outputs = response.getProperties();
      const inputs = response.getInputs();
      return {
        id: response.getId(),
        outputs: outputs && this.received(outputs, resource.outputs),
        inputs: inputs && this.received(inputs, resource.inputs),
      };
    } catch (error) {
      if (!(error instanceof InitError)) throw error;
      return {
        id: error.id,
        outputs: this.annotated(error.outputs, resource.outputs),
        inputs: error.inputs && this.annotated(error.inputs, resource.inputs),
        initErrors: error.reasons,
      };
    }
  }

  async delete(resource: Existing, timeout?: number): Promise<void> {
    await this.configured;
    const request = new this.sdk.provider.DeleteRequest();
    request.setId(resource.id);
    identify(request, resource.urn);
    request.setOldInputs(this.marshalOld(resource.inputs));
    request.setProperties(this.marshalOld(resource.outputs));
    request.setTimeout(timeout ?? 0);
    await this.call((done) => this.client.delete(request, done));
  }

  async invoke(token: string, args: PropertyMap, preview: boolean): Promise<CheckResult> {
    if ((await this.configured) === "unknown") return { inputs: {}, failures: [] };
    const request = new this.sdk.provider.InvokeRequest();
    request.setTok(token);
    request.setArgs(this.marshal(args));
    request.setPreview(preview);
    const response = await this.call<Message<"InvokeResponse">>((done) => this.client.invoke(request, done));
    const result = fromStruct(response.getReturn());
    if (!this.protocol!.secrets && containsSecrets(args)) {
      for (const key of Object.keys(result)) result[key] = secret(result[key]!);
    }
    return { inputs: result, failures: checkFailures(response) };
  }

  close(): void {
    this.client.close();
  }

  private plain(properties: PropertyMap): Struct {
    return toStruct(this.sdk, withoutReferences(withoutSecrets(properties)));
  }

  private marshal(properties: PropertyMap): Struct {
    let value = properties;
    if (!this.protocol!.secrets) value = withoutSecrets(value);
    if (!this.protocol!.references) value = withoutReferences(value);
    return toStruct(this.sdk, value);
  }

  private marshalOld(properties: PropertyMap): Struct {
    return this.marshal(withoutAssetContents(properties));
  }

  private received(struct: Struct | undefined, sent: PropertyMap): PropertyMap {
    return this.annotated(fromStruct(struct), sent);
  }

  private annotated(properties: PropertyMap, sent: PropertyMap): PropertyMap {
    return this.protocol!.secrets ? properties : annotateSecrets(properties, sent);
  }

  private call<T>(send: (done: Callback<T>) => unknown): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      send((error, response) =>
        error ? reject(providerError(this.sdk, this.name, error)) : resolve(response),
      );
    });
  }

  /** Undefined where the provider doesn't implement the call. */
  private async callOptional<T>(send: (done: Callback<T>) => unknown): Promise<T | undefined> {
    try {
      return await this.call(send);
    } catch (error) {
      if (error instanceof ProviderError && error.code === this.sdk.grpc.status.UNIMPLEMENTED)
        return undefined;
      throw error;
    }
  }
}
