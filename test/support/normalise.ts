import type { ResourceState } from "../../deployer/state/resource-state";

/** A state and provider calls with what differs from run to run and machine to machine taken out. */
export interface Normalised {
  resources: unknown[];
  /** What the provider was asked, by resource, in order. */
  calls: Record<string, unknown[]>;
}

/** Times, positions in the program, and sets that are empty. */
const DROPPED = new Set(["created", "modified", "sourcePosition", "sourcePositions", "stackTrace"]);
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g;

export class Normaliser {
  private readonly names = new Map<string, string>();

  /** IDs keep the name that they are first given, through all the steps of a scenario. */
  normalise(
    resources: readonly ResourceState[],
    calls: readonly Record<string, unknown>[],
    { dir }: { dir: string },
  ): Normalised {
    for (const { urn, id } of resources) if (id) this.name(id, urn);
    for (const call of calls) if (call.Id) this.name(String(call.Id), String(call.Urn));
    const clean = (value: unknown): unknown => this.clean(value, dir);
    const byResource: Record<string, unknown[]> = {};
    for (const { Urn, ...call } of calls) (byResource[nameOf(String(Urn))] ??= []).push(clean(call));
    return {
      resources: resources.map(clean).sort((a, b) => compare(JSON.stringify(a), JSON.stringify(b))),
      calls: Object.fromEntries(Object.entries(byResource).sort(([a], [b]) => compare(a, b))),
    };
  }

  private name(id: string, urn: string): void {
    if (this.names.has(id)) return;
    const name = nameOf(urn);
    const count = [...this.names.values()].filter((known) => known.split("#")[0] === name).length;
    this.names.set(id, count === 0 ? name : `${name}#${count + 1}`);
  }

  private clean(value: unknown, dir: string): unknown {
    if (typeof value === "string") return this.text(value, dir);
    if (Array.isArray(value)) return value.map((item) => this.clean(item, dir));
    if (typeof value !== "object" || value === null) return value;
    const cleaned: Record<string, unknown> = {};
    for (const [key, item] of Object.entries(value).sort(([a], [b]) => compare(a, b))) {
      if (DROPPED.has(key) || item === null) continue;
      if (key === "ciphertext") cleaned[key] = "<encrypted>";
      else if (key === "dependencies") cleaned[key] = (this.clean(item, dir) as string[]).sort();
      else cleaned[key] = this.clean(item, dir);
    }
    return cleaned;
  }

  private text(text: string, dir: string): string {
    let cleaned = text.split(dir).join("<project>");
    for (const [id, name] of this.names) cleaned = cleaned.split(id).join(`<id of ${name}>`);
    return cleaned
      .replace(UUID, (uuid) => (uuid === UNKNOWN ? "<unknown>" : "<uuid>"))
      .replace(/\b(img|i|vol|share|snap|file|disk|if|ins)-[0-9a-z]{6,}\b/g, "<$1>")
      .replace(TIME, "<time>");
  }
}

function nameOf(urn: string): string {
  return urn.slice(urn.lastIndexOf("::") + 2);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
