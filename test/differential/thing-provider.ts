/*
 * The provider of the differential suite's programs: a plain dynamic one, whose `things.json` in the program's folder
 * says what goes wrong. This module is copied into that folder.
 */
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import path from "node:path";

type Properties = Record<string, unknown>;

/** What happens to one thing, in place of what should. */
export interface Script {
  check?: string;
  diff?: "fails";
  /** `half`: it exists then, but hasn't come up. */
  create?: "fails" | "half";
  update?: "fails" | "half";
  delete?: "fails";
  /** Properties that differ in the world, or how reading ends. */
  read?: Properties | "gone" | "fails";
}

/** Properties whose change replaces a thing; that of the second deletes it first. */
const REPLACING = ["place", "room"];

export const full = {
  async check(_olds: Properties, news: Properties) {
    const reason = scriptOf(news).check;
    const failures = reason ? [{ property: "value", reason }] : [];
    return { inputs: { size: 1, ...news }, failures };
  },

  async diff(_id: string, olds: Properties, news: Properties) {
    fail("diff", scriptOf(news).diff);
    const changed = Object.keys(news).filter(
      (key) => JSON.stringify(news[key]) !== JSON.stringify(olds[key]),
    );
    const dropped = Object.keys(olds).filter((key) => !(key in news) && key !== "serial" && key !== "shown");
    return {
      changes: changed.length + dropped.length > 0,
      replaces: [...changed, ...dropped].filter((key) => REPLACING.includes(key)),
      deleteBeforeReplace: changed.includes("room"),
    };
  },

  async create(inputs: Properties) {
    const { create } = scriptOf(inputs);
    if (create === "fails") fail("create", create);
    const serial = nextSerial(String(inputs.name));
    const id = `thing-${String(inputs.name)}-${serial}-id`;
    const outs = { ...inputs, serial, shown: shown(inputs) };
    if (create === "half") throw half(id, outs);
    return { id, outs };
  },

  async update(id: string, olds: Properties, news: Properties) {
    const { update } = scriptOf(news);
    if (update === "fails") fail("update", update);
    const outs = { ...news, serial: olds.serial, shown: shown(news) };
    if (update === "half") throw half(id, outs);
    return { outs };
  },

  async read(id: string, props: Properties = {}) {
    const { read } = scriptOf(props.name ? props : { name: /^thing-(.*)-\d+-id$/.exec(id)?.[1] ?? id });
    if (read === "gone") return { id: "", props: {} };
    if (read === "fails") fail("read", read);
    return { id, props: { ...props, ...(read as Properties | undefined) } };
  },

  async delete(_id: string, props: Properties) {
    fail("delete", scriptOf(props).delete);
  },
};

/** A provider of nothing but what every provider must have: the engine compares inputs, and cannot read or update. */
export const plain = {
  create: full.create,
  delete: full.delete,
};

function scriptOf({ name }: Properties): Script {
  const file = path.join(__dirname, "things.json");
  if (!existsSync(file)) return {};
  const scripts = JSON.parse(readFileSync(file, "utf8")) as Record<string, Script>;
  return scripts[String(name)] ?? {};
}

/** How often a thing of this name has been made, this time included. */
function nextSerial(name: string): number {
  for (let serial = 1; ; serial++) {
    const made = path.join(__dirname, ".things", `${name}-${serial}`);
    if (existsSync(made)) continue;
    mkdirSync(made, { recursive: true });
    return serial;
  }
}

function shown({ value }: Properties): string {
  return `shows ${JSON.stringify(value)}`;
}

function fail(what: string, how: unknown): void {
  if (how === "fails") throw quiet(new Error(`${what} fails by its script`));
}

function half(id: string, properties: Properties): Error {
  return quiet(Object.assign(new Error("half done"), { id, properties, reasons: ["it is only half done"] }));
}

/** Without the stack that the host of dynamic providers would print. */
function quiet(error: Error): Error {
  error.stack = "";
  return error;
}
