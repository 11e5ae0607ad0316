import { randomUUID } from "node:crypto";
import * as say from "../engine/messages";
import { UNKNOWN } from "../engine/requests";
import type { RemoveOptions, StatedPlace } from "../engine/engine";
import type { OnDelete } from "../engine/model";
import type { Declaration } from "../engine/requests";
import { ViolationError } from "../engine/violation";
import type { Violation } from "../engine/violation";
import type { ConfiguredRegion } from "./configured-region";
import { difference, same } from "./difference";
import type { Comparison } from "./difference";
import { fromWire, given, nameOfUrn, SENTINEL } from "./inputs";
import type { Known } from "./inputs";
import { PartialFailure } from "./lifecycle";
import type { Difference, Lifecycle, Properties } from "./lifecycle";
import { progress } from "./progress";
import { referenceViolations } from "./references";
import type { AnyRecord, DeclaredReferences, ResourceKind } from "./resource-kind";
import { INTERNAL } from "./schema";

/** Pulumi's verbs for one kind of resource, on the region that the stack is configured for. */
export class ResourceLifecycle<
  Inputs,
  Request,
  Facts extends object,
  Record extends AnyRecord,
> implements Lifecycle {
  constructor(
    private readonly region: ConfiguredRegion,
    private readonly kind: ResourceKind<Inputs, Request, Facts, Record>,
  ) {}

  async check(olds: Properties, news: Properties): Promise<{ inputs: Properties; violations: Violation[] }> {
    const { kind } = this;
    const inputs = given(news);
    const wrong = [...kind.arguments.validate(inputs), ...referenceViolations(inputs, kind.references)];
    inputs.creationToken = olds.creationToken ?? randomUUID();

    const oldToken = typeof olds.creationToken === "string" ? olds.creationToken : undefined;
    const engine = await (oldToken === undefined ? this.region.engine() : this.region.standing());
    const stated = { region: inputs.region, account: inputs.account };
    const { region, account } = engine.place(fromWire(stated) as StatedPlace);
    inputs.region ??= region;
    if (account !== UNKNOWN) inputs.account ??= account;

    const request = this.request(withoutWrong(inputs, wrong), oldToken, oldOnDelete(olds));
    const { violations, facts, gone } = await kind.operations(engine).check(request);
    this.addFacts(inputs, facts);
    if (gone && isUpdate(olds, inputs, kind)) violations.push(say.gone(`This ${kind.noun}`));
    return { inputs, violations: merged(wrong, violations) };
  }

  diff(id: string, olds: Properties, news: Properties): Difference {
    return difference(id, olds, news, this.kind);
  }

  async create(inputs: Properties): Promise<{ id: string; outputs: Properties }> {
    const operations = this.kind.operations(await this.region.engine());
    const record = await operations.create(this.request(inputs), reportFor(inputs));
    return { id: record.id, outputs: this.outputs(inputs, record) };
  }

  async read(
    id: string,
    properties: Properties,
  ): Promise<{ id: string; outputs: Properties; inputs: Properties } | undefined> {
    const managed = properties.declaredBy !== undefined;
    const engine = await this.region.standing();
    const asAccount = managed ? undefined : engine.defaults.account;
    const record = await this.kind.operations(engine).read(id, asAccount);
    if (!record && managed) return undefined;
    if (record?.account === undefined) throw await this.nothingToGet(id, record);
    const name = managed ? nameOfUrn(String(properties.declaredBy)) : id;
    for (const notice of this.kind.notices?.(record) ?? []) console.log(`${name}: ${notice}`);
    const outputs = this.outputs(properties, record);
    return { id, outputs, inputs: this.inputs(outputs) };
  }

  async update(id: string, olds: Properties, news: Properties): Promise<Properties> {
    const operations = await this.standing();
    try {
      return this.outputs(news, await operations.update(id, this.request(news), reportFor(news)));
    } catch (error) {
      const record = await operations.read(id).catch(() => undefined);
      const left = record && this.outputs(olds, record);
      if (left && !same(left, given(olds))) throw new PartialFailure(id, left, error as Error);
      throw error;
    }
  }

  async delete(id: string, properties: Properties): Promise<void> {
    const { onDelete, deleteObjects, account, creationToken } = properties as RemoveOptions;
    await (await this.standing()).remove(id, { onDelete, deleteObjects, account, creationToken });
  }

  private async standing() {
    return this.kind.operations(await this.region.standing());
  }

  private request(inputs: Properties, oldToken?: string, oldOnDelete?: OnDelete): Request {
    const known = fromWire(inputs) as Known<Inputs & DeclaredReferences> & Declaration;
    const { declaredBy, creationToken, region = UNKNOWN, account = UNKNOWN, timeouts } = known;
    const declaration: Declaration = { declaredBy, creationToken, region, account };
    if (timeouts !== undefined) declaration.timeouts = timeouts;
    if (oldToken !== undefined) {
      declaration.oldToken = oldToken;
      if (oldOnDelete !== undefined) declaration.oldOnDelete = oldOnDelete;
    }
    if (known.deleteBeforeReplace === true) declaration.deleteBeforeReplace = true;
    return this.kind.request(known, declaration, (path) => this.region.pathOf(path));
  }

  /** Facts that are known become inputs. One that isn't is left out: a preview shows it as unknown. */
  private addFacts(inputs: Properties, facts: Facts): void {
    const known: Properties = {};
    for (const [name, fact] of Object.entries(facts)) if (fact !== UNKNOWN) known[name] = fact;
    for (const name of this.kind.resolved) inputs[name] ??= known[name];
    for (const name of this.kind.shown) inputs[name] = known[name];
    this.kind.settle?.(inputs, known as Partial<Facts>);
    for (const name of Object.keys(inputs)) if (inputs[name] === undefined) delete inputs[name];
  }

  /** Every input is echoed: delete and read are given outputs only. */
  private outputs(inputs: Properties, record: Record): Properties {
    return given({ ...inputs, ...this.kind.outputs(record, inputs) });
  }

  /** The inputs that lead to these outputs; a setting at its default needs none. */
  private inputs(outputs: Properties): Properties {
    const { kind } = this;
    const inputs: Properties = {};
    for (const name of [...kind.arguments.names, ...kind.shown, ...INTERNAL]) {
      if (!same(outputs[name], kind.defaults[name])) inputs[name] = outputs[name];
    }
    return given(inputs);
  }

  private async nothingToGet(id: string, offered: Record | undefined): Promise<ViolationError> {
    const { region, account } = (await this.region.engine()).defaults;
    const reason = offered
      ? `The ${this.kind.noun} ${id} is offered to every account and is no private one. Look it up with getImage.`
      : `There is no ${this.kind.noun} ${id} that account ${account} sees in region ${region}. Check the ID, and images:account, images:region and images:endpoint.`;
    return new ViolationError([{ property: "", reason }]);
  }
}

/** What the state says of the deletion of what it holds; the resource option leaves it standing as well. */
function oldOnDelete({ onDelete, retainOnDelete }: Properties): OnDelete | undefined {
  return retainOnDelete === true ? "retain" : (onDelete as OnDelete | undefined);
}

/** Whether it will be changed in place. What is asked for again as it was stays as it is, even where it is gone. */
function isUpdate(olds: Properties, news: Properties, of: Comparison): boolean {
  const { changes, replaces } = difference(String(news.adoptId), olds, news, of);
  return changes && replaces.length === 0;
}

/** Inputs of which those that are wrong are unknown, so that the rules judge the others. */
function withoutWrong(inputs: Properties, wrong: readonly Violation[]): Properties {
  if (wrong.length === 0) return inputs;
  const result = { ...inputs };
  for (const { property } of wrong) {
    const [name, ...within] = property.split(/[.[\]]+/).filter(Boolean) as [string, ...string[]];
    result[name] = withUnknown(result[name], within);
    if (name.endsWith("Id")) delete result[`${name.slice(0, -"Id".length)}DeclaredBy`];
  }
  return result;
}

/** The value, with the part that the path leads to unknown: as a whole where there is no such part. */
function withUnknown(value: unknown, [key, ...rest]: string[]): unknown {
  if (key === undefined || typeof value !== "object" || value === null || !(key in value)) return SENTINEL;
  const copy = (Array.isArray(value) ? [...value] : { ...value }) as Properties;
  copy[key] = withUnknown(copy[key], rest);
  return copy;
}

function merged(...parts: Violation[][]): Violation[] {
  const seen = new Set<string>();
  return parts.flat().filter(({ property, reason }) => {
    const key = `${property}\n${reason}`;
    return !seen.has(key) && seen.add(key);
  });
}

function reportFor(inputs: Properties) {
  return progress(nameOfUrn(String(inputs.declaredBy)));
}
