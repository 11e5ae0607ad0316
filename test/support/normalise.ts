import { ASSET, RESOURCE_REFERENCE, SECRET, SIGNATURE } from "../../deployer/wire/property-value";
import type { ResourceState } from "../../deployer/state/resource-state";

/** A stack's state as the file has it. */
export interface State {
  resources: readonly ResourceState[];
  pendingOperations: readonly { resource: ResourceState; type: string }[];
  /** Opens one of its secrets. */
  decrypt(ciphertext: string): string;
}

/** A state and provider calls with what differs from run to run and machine to machine taken out. */
export interface Normalised {
  resources: unknown[] | "as before";
  /** What the state doesn't know the end of, `creating <urn>`; where there is any. */
  pending?: string[];
  /** What the provider was asked, by resource, in order. */
  calls: Record<string, unknown[]>;
}

/** Times, positions in the program, and how a plugin maps its state to another's, which it does without. */
const DROPPED = new Set([
  ...["created", "modified", "sourcePosition", "sourcePositions", "stackTrace"],
  "__pulumi_raw_state_delta",
]);
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const MARKS: Record<string, string> = {
  [SECRET]: "secret",
  [RESOURCE_REFERENCE]: "resource",
  [ASSET]: "asset",
};
/** What all URNs of the projects that tests make begin with, and the one of their stack. */
const URNS = "urn:pulumi:dev::program::";
const STACK = `${URNS}pulumi:pulumi:Stack::program-dev`;
/** Code of a dynamic provider that only names what is in a module. */
const PROVIDER = /exports\.handler = \(\) => require\("[^"]*"\)\.(\w+);?/g;
const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g;

export class Normaliser {
  private readonly names = new Map<string, string>();
  private before = "[]";

  /** IDs keep the name that they are first given, through all the steps of a scenario. */
  normalise(
    { resources, pendingOperations, decrypt }: State,
    calls: readonly Record<string, unknown>[],
    { dir }: { dir: string },
  ): Normalised {
    for (const { urn, id } of resources) if (id) this.name(id, urn);
    for (const call of calls) if (call.Id) this.name(String(call.Id), String(call.Urn));
    const clean = (value: unknown): unknown => this.clean(value, { dir, decrypt });
    const byResource: Record<string, unknown[]> = {};
    for (const { Urn, ...call } of calls) (byResource[nameOf(String(Urn))] ??= []).push(clean(call));
    const cleaned = resources.map(clean).sort((a, b) => compare(JSON.stringify(a), JSON.stringify(b)));
    const before = this.before;
    this.before = JSON.stringify(cleaned);
    return {
      resources: this.before === before ? "as before" : cleaned,
      ...(pendingOperations.length > 0 && {
        pending: pendingOperations
          .map(({ type, resource }) => clean(`${type} ${resource.urn}`) as string)
          .sort(),
      }),
      calls: Object.fromEntries(Object.entries(byResource).sort(([a], [b]) => compare(a, b))),
    };
  }

  private name(id: string, urn: string): void {
    if (this.names.has(id)) return;
    const name = nameOf(urn);
    const count = [...this.names.values()].filter((known) => known.split("#")[0] === name).length;
    this.names.set(id, count === 0 ? name : `${name}#${count + 1}`);
  }

  private clean(value: unknown, context: Context): unknown {
    if (typeof value === "string") return this.text(value, context.dir);
    if (Array.isArray(value)) return value.map((item) => this.clean(item, context));
    if (typeof value !== "object" || value === null) return value;
    const cleaned: Record<string, unknown> = {};
    for (const [key, item] of Object.entries(value).sort(([a], [b]) => compare(a, b))) {
      if (DROPPED.has(key) || item === null) continue;
      if (key === "ciphertext")
        cleaned.secret = this.clean(JSON.parse(context.decrypt(String(item))), context);
      else if (key === SIGNATURE) cleaned["<mark>"] = MARKS[String(item)] ?? item;
      else if (key === "dependencies") cleaned[key] = (this.clean(item, context) as string[]).sort();
      else if (key === "propertyDependencies") cleaned[key] = this.clean(withSortedSets(item), context);
      else cleaned[this.text(key, context.dir)] = this.clean(item, context);
    }
    return cleaned;
  }

  private text(text: string, dir: string): string {
    let cleaned = text.split(dir).join("<project>");
    for (const [id, name] of this.names) cleaned = cleaned.split(id).join(`<id of ${name}>`);
    return cleaned
      .replaceAll(STACK, "<stack>")
      .replaceAll(URNS, "::")
      .replace(PROVIDER, "<provider $1>")
      .replaceAll("::pulumi:providers:pulumi-nodejs::default::<id of default>", "<default>")
      .replaceAll("pulumi-nodejs:dynamic/", "dynamic/")
      .replace(UUID, (uuid) => (uuid === UNKNOWN ? "<unknown>" : "<uuid>"))
      .replace(/\b(img|i|vol|share|snap|file|disk|if|ins)-[0-9a-z]{6,}\b/g, "<$1>")
      .replace(TIME, "<time>");
  }
}

interface Context {
  dir: string;
  decrypt: State["decrypt"];
}

function withSortedSets(sets: Record<string, string[]>): Record<string, string[]> {
  return Object.fromEntries(Object.entries(sets).map(([key, set]) => [key, [...set].sort()]));
}

function nameOf(urn: string): string {
  return urn.slice(urn.lastIndexOf("::") + 2);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
