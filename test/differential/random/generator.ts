import type { Verb } from "../../support/engines";
import type {
  Expression,
  Fault,
  Faults,
  History,
  Kind,
  Node,
  Options,
  Program,
  Property,
  Step,
} from "./model";
import { mutate, removeNode } from "./mutations";
import { Random } from "./random";
import { isStuck } from "./waiting";

/** The history that a seed stands for: programs of a few resources, and a few runs of them. */
export function generate(seed: number): History {
  const random = new Random(seed);
  const keys = new Keys();
  const steps: Step[] = [step(random, "up", newProgram(random, keys))];
  for (let count = random.between(1, 4); count > 0; count--) {
    const { program } = steps.at(-1)!;
    const verb = random.pick<Verb>(["up", "up", "up", "up", "up", "preview", "refresh", "destroy"]);
    if (verb === "up" || verb === "preview") {
      let changed = program;
      for (let changes = random.between(0, 4); changes > 0; changes--) {
        const tried = structuredClone(changed);
        mutate(random, tried, keys);
        if (!isStuck(tried)) changed = tried;
      }
      steps.push(step(random, verb, changed));
    } else {
      steps.push(step(random, verb, program));
    }
  }
  if (random.chance(0.3)) steps.push(step(random, "destroy", steps.at(-1)!.program));
  return { steps };
}

/** Keys of resources, none twice in a history. */
export class Keys {
  /** Resources that were taken from the program. */
  readonly removed: Node[] = [];
  private count = 0;

  next(): string {
    return `r${++this.count}`;
  }
}

function newProgram(random: Random, keys: Keys): Program {
  for (;;) {
    const program = anyProgram(random, keys);
    if (!isStuck(program)) return program;
  }
}

function anyProgram(random: Random, keys: Keys): Program {
  const program: Program = {
    inTurn: random.chance(0.7),
    chained: random.chance(0.4),
    nodes: [],
    outputs: {},
  };
  for (let count = random.between(2, 8); count > 0; count--) {
    program.nodes.push(newNode(random, keys, program.nodes));
  }
  for (let at = random.between(0, 3); at > 0; at--) {
    program.outputs[`out${at}`] = newExpression(random, program.nodes);
  }
  return program;
}

export function newNode(random: Random, keys: Keys, before: readonly Node[]): Node {
  const key = keys.next();
  const kind = random.pick<Kind>([
    ...["component", "component", "provider"],
    ...["full", "full", "full", "full", "full", "plain", "plain", "plain"],
  ] as Kind[]);
  const node: Node = { key, name: `n-${key}`, kind, inputs: {}, options: {} };
  if (kind === "provider") {
    node.inputs.a = newConfiguration(random);
  } else if (kind !== "component") {
    for (const input of ["a", ...random.some(["b", "c", "s", "list"], 0.4)]) {
      node.inputs[input] = newExpression(random, before);
    }
  }
  if (random.chance(0.35)) changeParent(random, node, before);
  for (const option of OPTIONS) if (random.chance(0.08)) changeOption(random, node, before, option);
  for (const option of ["dependsOn", "provider"] as const) {
    if (random.chance(0.15)) changeOption(random, node, before, option);
  }
  return node;
}

/** Of a provider. */
export function newConfiguration(random: Random): Expression {
  const value = `text ${random.between(1, 3)}`;
  return random.chance(0.2) ? { secret: value } : { value };
}

export function changeParent(random: Random, node: Node, before: readonly Node[]): void {
  const parents = before.filter(({ kind }) => kind === "component" || random.chance(0.3));
  if (parents.length > 0 && random.chance(0.8)) node.options.parent = random.pick(parents).key;
  else delete node.options.parent;
}

export const OPTIONS = [
  "dependsOn",
  "deletedWith",
  "provider",
  "protect",
  "retainOnDelete",
  "deleteBeforeReplace",
  "ignoreChanges",
  "replaceOnChanges",
  "additionalSecretOutputs",
] as const satisfies (keyof Options)[];

/** Gives an option another value, or takes it away. */
export function changeOption(
  random: Random,
  { kind, options }: Node,
  before: readonly Node[],
  option: (typeof OPTIONS)[number],
): void {
  if (options[option] !== undefined && random.chance(0.6)) {
    delete options[option];
    return;
  }
  const component = kind === "component" || kind === "provider";
  switch (option) {
    case "dependsOn":
      if (before.length > 0)
        options.dependsOn = [...new Set([random.pick(before).key, random.pick(before).key])];
      break;
    case "deletedWith": {
      const custom = before.filter(({ kind }) => kind !== "component" && kind !== "provider");
      if (custom.length > 0 && !component) options.deletedWith = random.pick(custom).key;
      break;
    }
    case "provider": {
      const providers = before.filter(({ kind }) => kind === "provider");
      if (providers.length > 0 && kind !== "provider") options.provider = random.pick(providers).key;
      break;
    }
    case "protect":
    case "retainOnDelete":
      options[option] = random.chance(0.8);
      break;
    case "deleteBeforeReplace":
      if (!component) options.deleteBeforeReplace = random.chance(0.7);
      break;
    case "ignoreChanges":
    case "replaceOnChanges":
      if (!component) options[option] = random.some(["a", "b", "c", "s", "list", "checked"], 0.3);
      break;
    case "additionalSecretOutputs":
      if (!component) options.additionalSecretOutputs = random.some(["made", "derived", "a"], 0.5);
  }
}

export function newExpression(random: Random, before: readonly Node[]): Expression {
  if (before.length > 0 && random.chance(0.4)) {
    const { key, kind } = random.pick(before);
    const property: Property =
      kind === "component" || kind === "provider"
        ? "urn"
        : random.pick<Property>(["id", "a", "made", "derived", "derived"]);
    const by = random.pick(["itself", "itself", "apply", "interpolate", "all", "secret", "nested"] as const);
    return { of: key, property, by };
  }
  if (random.chance(0.2)) return { secret: newValue(random) };
  return { value: newValue(random) };
}

function newValue(random: Random): unknown {
  const number = random.between(1, 3);
  return random.pick<unknown>([
    `text ${number}`,
    `text ${number}`,
    number,
    [number, "item"],
    { in: number },
    true,
    null,
    "",
  ]);
}

/** Faults come to programs that declare in turn only: elsewhere it is chance what else gets done. */
function step(random: Random, verb: Verb, given: Program): Step {
  const program = structuredClone(given);
  const faults: Faults = {};
  const quiet = verb === "preview" || (verb === "up" && !program.inTurn) || random.chance(0.4);
  for (let count = quiet ? 0 : random.between(1, 2); count > 0 && program.nodes.length > 0; count--) {
    const node = random.pick(program.nodes);
    const fault = (faults[node.key] = newFault(random, verb));
    if (verb === "up" && random.chance(0.7)) provoke(random, program, node, fault);
  }
  const throwing = verb === "up" && program.inTurn && random.chance(0.06);
  return {
    verb,
    program,
    faults,
    ...(throwing && { throwsAt: random.between(0, Math.max(0, program.nodes.length - 1)) }),
  };
}

/** Changes a node so that a run meets its fault. */
function provoke(
  random: Random,
  program: Program,
  node: Node,
  { create, update, delete: remove }: Fault,
): void {
  if (node.kind !== "full" && node.kind !== "plain") return;
  const value = { value: `provoked ${random.between(1, 99)}` };
  if (update) node.inputs.a = value;
  else if (create) node.inputs[random.pick(["b", "c"])] = value;
  else if (remove && random.chance(0.5)) removeNode(program, node.key);
  else if (remove) node.inputs[random.pick(["b", "c"])] = value;
}

function newFault(random: Random, verb: Verb): Fault {
  switch (verb) {
    case "refresh":
      return {
        read: random.pick(["throws", "drifted", "drifted", "drifted inputs", "gone", "gone", "unhealthy"]),
      };
    case "destroy":
      return { delete: "throws" };
    default:
      return random.pick<Fault>([
        { check: "refuses" },
        { check: "throws" },
        { diff: "throws" },
        { create: "throws" },
        { create: "comes up half" },
        { update: "throws" },
        { update: "comes up half" },
        { delete: "throws" },
        { delete: "throws" },
      ]);
  }
}
