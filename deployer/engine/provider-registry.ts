import { randomUUID } from "node:crypto";
import type { PluginHost } from "../plugins/plugin-host";
import type { ProviderClient } from "../plugins/provider-client";
import type {
  CheckResult,
  CreateResult,
  DiffResult,
  Existing,
  ReadResult,
  UpdateResult,
} from "../plugins/provider-results";
import { UserError } from "../user-error";
import { deepEquals } from "../wire/properties";
import type { PropertyMap } from "../wire/property-value";
import { UNKNOWN } from "../wire/property-value";
import { providerPackage, typeOf } from "../wire/urn";
import type { Provider } from "./provider";
import type { ResourceState } from "../state/resource-state";

/** Set aside by Pulumi among a provider's inputs for itself; the provider doesn't see it. */
const INTERNAL = "__internal";

/** The providers of a run: resources like others in the state, and the way to the plugins that manage the rest. */
export class ProviderRegistry implements Provider {
  /** By `<urn>::<id>`. */
  private readonly configured = new Map<string, ProviderClient>();
  /** Loaded to check their inputs, not configured yet; by URN. */
  private readonly checked = new Map<string, ProviderClient>();
  private readonly loading = new Map<string, Promise<ProviderClient>>();

  constructor(
    private readonly host: PluginHost,
    private readonly stateOf: (reference: string) => ResourceState | undefined,
  ) {}

  /**
   * The provider of a reference: one of this run, else one that the state has.
   *
   * @throws UserError for one that neither knows.
   */
  async get(reference: string): Promise<ProviderClient> {
    const known = this.configured.get(reference);
    if (known) return known;
    let loading = this.loading.get(reference);
    if (!loading) {
      loading = this.loadFromState(reference);
      this.loading.set(reference, loading);
    }
    return loading;
  }

  private async loadFromState(reference: string): Promise<ProviderClient> {
    const state = this.stateOf(reference);
    if (!state) throw new UserError(`No provider ${reference} is in the program or in the state.`);
    const client = await this.load(state.urn, state.inputs ?? {});
    client.configure(state.urn, state.id!, configuration(state.inputs ?? {}));
    this.configured.set(reference, client);
    return client;
  }

  private load(urn: string, inputs: PropertyMap): Promise<ProviderClient> {
    const version = inputs["version"];
    return this.host.load(providerPackage(typeOf(urn)), typeof version === "string" ? version : undefined);
  }

  async check(urn: string, olds: PropertyMap | undefined, news: PropertyMap): Promise<CheckResult> {
    const client = await this.load(urn, news);
    const result = await client.checkConfig(urn, configuration(olds ?? {}), configuration(news));
    if (result.failures.length > 0) return result;
    this.checked.set(urn, client);
    const inputs = { ...result.inputs };
    if (news["version"] !== undefined) inputs["version"] ??= news["version"];
    if (news[INTERNAL] !== undefined) inputs[INTERNAL] = news[INTERNAL];
    return { inputs, failures: [] };
  }

  async diff(old: Existing, news: PropertyMap): Promise<DiffResult> {
    const client = this.checked.get(old.urn) ?? (await this.get(`${old.urn}::${old.id}`));
    const inputs = configuration(news);
    const diff = await client.diffConfig(
      old.urn,
      { ...old, inputs: configuration(old.inputs), outputs: old.outputs },
      inputs,
    );
    if (diff && diff.changes !== "unknown") return diff;
    return {
      changes: deepEquals(old.outputs, inputs) ? "none" : "some",
      replaces: diff?.replaces ?? [],
      changed: [],
      deleteBeforeReplace: false,
    };
  }

  /** A provider that hasn't changed: configured with what it had. */
  async same(urn: string, id: string, inputs: PropertyMap): Promise<void> {
    const reference = `${urn}::${id}`;
    if (this.configured.has(reference)) return;
    await this.configure(urn, id, inputs);
  }

  async create(urn: string, inputs: PropertyMap, options: { preview: boolean }): Promise<CreateResult> {
    const id = options.preview ? UNKNOWN : randomUUID();
    return { id, outputs: await this.configure(urn, id, inputs) };
  }

  async update(old: Existing, inputs: PropertyMap): Promise<UpdateResult> {
    return { outputs: await this.configure(old.urn, old.id, inputs) };
  }

  read(): Promise<ReadResult> {
    throw new UserError("A provider can't be read.");
  }

  async delete(): Promise<void> {}

  private async configure(urn: string, id: string, inputs: PropertyMap): Promise<PropertyMap> {
    const client = this.checked.get(urn) ?? (await this.load(urn, inputs));
    this.checked.delete(urn);
    const filtered = configuration(inputs);
    client.configure(urn, id, filtered);
    this.configured.set(`${urn}::${id}`, client);
    return filtered;
  }
}

/** The inputs of a provider resource of a version of its package. */
export function withVersion(inputs: PropertyMap, version: string): PropertyMap {
  return version ? { ...inputs, version, [INTERNAL]: {} } : inputs;
}

function configuration(inputs: PropertyMap): PropertyMap {
  if (inputs[INTERNAL] === undefined) return inputs;
  const { [INTERNAL]: _, ...rest } = inputs;
  return rest;
}
