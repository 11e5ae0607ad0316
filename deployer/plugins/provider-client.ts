import { unsupported } from "../user-error";
import { containsSecrets, containsUnknowns, withoutSecrets } from "../wire/properties";
import type { PropertyMap } from "../wire/property-value";
import { secret } from "../wire/property-value";
import type { Sdk } from "../wire/sdk";
import { fromStruct, toStruct } from "../wire/struct";
import { Marshalling } from "./marshalling";
import { InitError, ProviderError } from "./provider-error";
import { checkFailures, diffResult, identify } from "./provider-messages";
import type {
  CheckResult,
  CreateResult,
  DiffResult,
  Existing,
  ReadResult,
  UpdateResult,
} from "./provider-results";
import { ProviderCalls, type ProviderRpc } from "./provider-rpc";

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
  const client = new ProviderClient(sdk, name, new ProviderCalls(sdk, name, rpc));
  await client.handshake(engineAddress);
  return client;
}

/** A provider as the engine speaks to it: properties in, properties out; secrets go as far as the provider takes them. */
export class ProviderClient {
  private marshalling: Marshalling | undefined;
  private previews = true;
  /** A provider whose configuration depends on what doesn't exist yet: it can't be asked anything in this preview. */
  private configured = Promise.resolve<"known" | "unknown">("unknown");

  constructor(
    private readonly sdk: Sdk,
    readonly name: string,
    private readonly calls: ProviderCalls,
  ) {}

  async handshake(engineAddress: string): Promise<void> {
    const request = new this.sdk.provider.ProviderHandshakeRequest()
      .setEngineAddress(engineAddress)
      .setConfigureWithUrn(true)
      .setInvokeWithPreview(true);
    const answer = await this.calls.callOptional("handshake", request);
    if (answer) this.speak(answer.getAcceptSecrets(), answer.getAcceptResources());
  }

  async checkConfig(urn: string, olds: PropertyMap, news: PropertyMap): Promise<CheckResult> {
    const { plain } = this;
    const request = identify(new this.sdk.provider.CheckRequest(), urn)
      .setOlds(plain.send(olds))
      .setNews(plain.send(news));
    const response = await this.calls.callOptional("checkConfig", request);
    if (!response) return { inputs: news, failures: [] };
    return { inputs: plain.receive(response.getInputs(), news), failures: checkFailures(response) };
  }

  /** Undefined: the provider doesn't say; nothing is replaced then. */
  async diffConfig(urn: string, old: Existing, news: PropertyMap): Promise<DiffResult | undefined> {
    const { plain } = this;
    const request = identify(new this.sdk.provider.DiffRequest(), urn)
      .setOldInputs(plain.send(old.inputs))
      .setOlds(plain.send(old.outputs))
      .setNews(plain.send(news));
    const response = await this.calls.callOptional("diffConfig", request);
    return response && diffResult(response);
  }

  /** Doesn't wait for the answer: the first call that needs the configuration does. */
  configure(urn: string, id: string, inputs: PropertyMap): void {
    if (containsUnknowns(inputs)) return;
    const request = identify(new this.sdk.provider.ConfigureRequest(), urn)
      .setId(id)
      .setAcceptsecrets(true)
      .setAcceptresources(true)
      .setSendsOldInputs(true)
      .setSendsOldInputsToDelete(true)
      .setArgs(toStruct(this.sdk, inputs));
    const { version: _version, ...variables } = withoutSecrets(inputs);
    for (const [key, value] of Object.entries(variables)) {
      const text = typeof value === "string" ? value : JSON.stringify(value);
      request.getVariablesMap().set(`${this.name}:config:${key}`, text);
    }
    this.configured = this.calls.call("configure", request).then((response) => {
      if (!this.marshalling) {
        this.speak(response.getAcceptsecrets(), response.getAcceptresources());
        this.previews = response.getSupportspreview();
      }
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
    const marshalling = this.marshalling!;
    const request = identify(new this.sdk.provider.CheckRequest(), urn)
      .setOlds(marshalling.send(olds ?? {}))
      .setNews(marshalling.send(news))
      .setRandomseed(randomSeed);
    const response = await this.calls.call("check", request);
    return { inputs: marshalling.receive(response.getInputs(), news), failures: checkFailures(response) };
  }

  /** Undefined: the provider can't be asked, for its own configuration isn't known yet. */
  async diff(old: Existing, news: PropertyMap, ignoreChanges: string[]): Promise<DiffResult | undefined> {
    if ((await this.configured) === "unknown") return undefined;
    const marshalling = this.marshalling!;
    const request = identify(new this.sdk.provider.DiffRequest(), old.urn)
      .setId(old.id)
      .setOldInputs(marshalling.sendOld(old.inputs))
      .setOlds(marshalling.sendOld(old.outputs))
      .setNews(marshalling.sendOld(news))
      .setIgnorechangesList(ignoreChanges);
    return diffResult(await this.calls.call("diff", request));
  }

  async create(
    urn: string,
    inputs: PropertyMap,
    { preview, timeout = 0 }: { preview: boolean; timeout?: number },
  ): Promise<CreateResult> {
    const configuration = await this.configured;
    if (preview && configuration === "unknown") return { id: "", outputs: {} };
    if (preview && !this.previews) return { id: "", outputs: inputs };
    const marshalling = this.marshalling!;
    const request = identify(new this.sdk.provider.CreateRequest(), urn)
      .setProperties(marshalling.send(inputs))
      .setPreview(preview)
      .setTimeout(timeout);
    return this.calls.call("create", request).then(
      (response) => {
        const id = response.getId();
        if (id === "" && !preview)
          throw new ProviderError(`The provider of "${this.name}" returned no ID from create.`);
        const outputs = marshalling.receive(response.getProperties(), inputs);
        return { id, outputs, ...this.unmet(response, preview) };
      },
      broughtUp((error) => ({ id: error.id, outputs: marshalling.annotate(error.outputs, inputs) })),
    );
  }

  async update(
    old: Existing,
    inputs: PropertyMap,
    { preview, timeout = 0, ignoreChanges }: { preview: boolean; timeout?: number; ignoreChanges: string[] },
  ): Promise<UpdateResult> {
    const configuration = await this.configured;
    if (preview && configuration === "unknown") return { outputs: {} };
    if (preview && !this.previews) return { outputs: inputs };
    const marshalling = this.marshalling!;
    const request = identify(new this.sdk.provider.UpdateRequest(), old.urn)
      .setId(old.id)
      .setOldInputs(marshalling.sendOld(old.inputs))
      .setOlds(marshalling.sendOld(old.outputs))
      .setNews(marshalling.send(inputs))
      .setPreview(preview)
      .setTimeout(timeout)
      .setIgnorechangesList(ignoreChanges);
    return this.calls.call("update", request).then(
      (response) => ({
        outputs: marshalling.receive(response.getProperties(), inputs),
        ...this.unmet(response, preview),
      }),
      broughtUp((error) => ({ outputs: marshalling.annotate(error.outputs, inputs) })),
    );
  }

  async read(resource: Existing): Promise<ReadResult> {
    if ((await this.configured) === "unknown") return { id: resource.id, outputs: {}, inputs: {} };
    const marshalling = this.marshalling!;
    const request = identify(new this.sdk.provider.ReadRequest(), resource.urn)
      .setId(resource.id)
      .setInputs(marshalling.sendOld(resource.inputs))
      .setProperties(marshalling.sendOld(resource.outputs));
    return this.calls.call("read", request).then(
      (response) => {
        this.unmet(response, true);
        const [outputs, inputs] = [response.getProperties(), response.getInputs()];
        return {
          id: response.getId(),
          outputs: outputs && marshalling.receive(outputs, resource.outputs),
          inputs: inputs && marshalling.receive(inputs, resource.inputs),
        };
      },
      broughtUp(({ id, outputs, inputs }) => ({
        id,
        outputs: marshalling.annotate(outputs, resource.outputs),
        inputs: inputs && marshalling.annotate(inputs, resource.inputs),
      })),
    );
  }

  async delete(resource: Existing, timeout = 0): Promise<void> {
    await this.configured;
    const marshalling = this.marshalling!;
    const request = identify(new this.sdk.provider.DeleteRequest(), resource.urn)
      .setId(resource.id)
      .setOldInputs(marshalling.sendOld(resource.inputs))
      .setProperties(marshalling.sendOld(resource.outputs))
      .setTimeout(timeout);
    await this.calls.call("delete", request);
  }

  async invoke(token: string, args: PropertyMap, preview: boolean): Promise<CheckResult> {
    if ((await this.configured) === "unknown") return { inputs: {}, failures: [] };
    const marshalling = this.marshalling!;
    const request = new this.sdk.provider.InvokeRequest()
      .setTok(token)
      .setArgs(marshalling.send(args))
      .setPreview(preview);
    const response = await this.calls.call("invoke", request);
    const result = fromStruct(response.getReturn());
    if (!marshalling.takes.secrets && containsSecrets(args)) {
      for (const key of Object.keys(result)) result[key] = secret(result[key]!);
    }
    return { inputs: result, failures: checkFailures(response) };
  }

  close(): void {
    this.calls.close();
  }

  /**
   * What an answer asks for that isn't supported, as why the resource hasn't come up, so that what was done is kept.
   *
   * @throws ProviderError where nothing was done.
   */
  private unmet(
    response: { getRefreshBeforeUpdate(): boolean },
    nothingDone: boolean,
  ): { initErrors?: string[] } {
    if (!response.getRefreshBeforeUpdate()) return {};
    const reason = unsupported(`The refresh before each update that the provider of "${this.name}" asks for`);
    if (nothingDone) throw new ProviderError(reason);
    return { initErrors: [reason] };
  }

  private speak(secrets: boolean, references: boolean): void {
    this.marshalling = new Marshalling(this.sdk, { secrets, references });
  }

  /** What a provider's own configuration is sent by. */
  private get plain(): Marshalling {
    return new Marshalling(this.sdk, { secrets: false, references: false });
  }
}

/** Takes it as done where the resource exists and only didn't come up, with why. */
function broughtUp<T>(result: (error: InitError) => T): (error: unknown) => T & { initErrors: string[] } {
  return (error) => {
    if (!(error instanceof InitError)) throw error;
    return { ...result(error), initErrors: error.reasons };
  };
}
