/*
 * The provider of scripted programs: copied into a program's folder, and loaded there by the host of dynamic providers.
 * What it makes are files of `world/`; what goes wrong stands in `faults.json`.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Fault, Faults } from "./model";

type Properties = Record<string, unknown>;

const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const world = path.join(__dirname, "world");

class ScriptedFailure extends Error {
  constructor(message: string, extra: object = {}) {
    super(message);
    Object.assign(this, extra);
    this.stack = "";
  }
}

function check(_olds: Properties, news: Properties): object {
  const fault = faultOf(news).check;
  if (fault === "throws") throw new ScriptedFailure("scripted: check throws");
  const failures = fault ? [{ property: "a", reason: "scripted: a is refused" }] : [];
  const inputs =
    news.a === UNKNOWN ? news : { ...news, checked: `checked ${JSON.stringify(news.a ?? null)}` };
  return { inputs, failures };
}

function diff(_id: string, olds: Properties, news: Properties): object {
  if (faultOf(news).diff) throw new ScriptedFailure("scripted: diff throws");
  const changed = ["a", "b", "c", "s", "list"].filter((key) => !same(olds[key], news[key]));
  const replaces = changed.filter((key) => key === "b" || key === "c");
  return { changes: changed.length > 0, replaces, deleteBeforeReplace: changed.includes("c") };
}

function create(inputs: Properties): object {
  const fault = faultOf(inputs).create;
  if (fault === "throws") throw new ScriptedFailure("scripted: create throws");
  const id = `${String(inputs.key)}.${count(String(inputs.key))}`;
  const outs = outputs(id, inputs);
  write(id, outs);
  if (fault)
    throw new ScriptedFailure("scripted: create comes up half", {
      id,
      properties: outs,
      reasons: ["half created"],
    });
  return { id, outs };
}

function read(id: string, props: Properties): object {
  const fault = faultOf(props).read;
  if (fault === "throws") throw new ScriptedFailure("scripted: read throws");
  if (fault === "gone") rmSync(fileOf(id), { force: true });
  if (!existsSync(fileOf(id))) return { id: "", props: {} };
  const found = JSON.parse(readFileSync(fileOf(id), "utf8")) as Properties;
  if (fault) Object.assign(found, { a: "drifted", derived: `drifted ${id}` });
  write(id, found);
  const outs = { ...found, __provider: props.__provider };
  if (fault === "unhealthy")
    throw new ScriptedFailure("scripted: read finds it unhealthy", {
      id,
      properties: outs,
      reasons: ["unhealthy"],
    });
  const { made: _made, derived: _derived, ...inputs } = outs as Properties;
  return { id, props: outs, ...(fault === "drifted inputs" ? { inputs } : {}) };
}

function update(id: string, _olds: Properties, news: Properties): object {
  const fault = faultOf(news).update;
  if (fault === "throws") throw new ScriptedFailure("scripted: update throws");
  const outs = outputs(id, news);
  write(id, outs);
  if (fault)
    throw new ScriptedFailure("scripted: update comes up half", {
      id,
      properties: outs,
      reasons: ["half updated"],
    });
  return { outs };
}

function remove(id: string, props: Properties): void {
  if (faultOf(props).delete) throw new ScriptedFailure("scripted: delete throws");
  rmSync(fileOf(id), { force: true });
}

function outputs(id: string, inputs: Properties): Properties {
  return { ...inputs, made: `made ${id}`, derived: `derived ${JSON.stringify(inputs.a ?? null)} of ${id}` };
}

/** Leaves checks and comparisons to the engine. */
export const plain = {
  create: async (inputs: Properties) => create(inputs),
  read: async (id: string, props: Properties) => read(id, props),
  update: async (id: string, olds: Properties, news: Properties) => update(id, olds, news),
  delete: async (id: string, props: Properties) => remove(id, props),
};

export const full = {
  ...plain,
  check: async (olds: Properties, news: Properties) => check(olds, news),
  diff: async (id: string, olds: Properties, news: Properties) => diff(id, olds, news),
};

function faultOf({ key }: Properties): Fault {
  const faults = JSON.parse(readFileSync(path.join(__dirname, "faults.json"), "utf8")) as Faults;
  return faults[String(key)] ?? {};
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a ?? null) === JSON.stringify(b ?? null);
}

/** The how-manieth resource of this key it is. */
function count(key: string): number {
  const file = path.join(world, `${key}.count`);
  const made = existsSync(file) ? Number(readFileSync(file, "utf8")) : 0;
  mkdirSync(world, { recursive: true });
  writeFileSync(file, String(made + 1));
  return made + 1;
}

function write(id: string, outs: Properties): void {
  mkdirSync(world, { recursive: true });
  writeFileSync(fileOf(id), JSON.stringify(outs));
}

function fileOf(id: string): string {
  return path.join(world, `${id}.json`);
}
