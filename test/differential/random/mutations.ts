import type { Keys } from "./generator";
import { changeOption, changeParent, newConfiguration, newExpression, newNode, OPTIONS } from "./generator";
import type { Expression, Node, Program } from "./model";
import type { Random } from "./random";
import { typeOf, urnOf } from "./urns";

/** Changes one thing of a program. */
export function mutate(random: Random, program: Program, keys: Keys): void {
  const { nodes } = program;
  if (nodes.length === 0 || (nodes.length < 10 && random.chance(0.15))) {
    const at = random.between(0, nodes.length);
    nodes.splice(at, 0, newNode(random, keys, nodes.slice(0, at)));
    return;
  }
  const at = random.between(0, nodes.length - 1);
  const node = nodes[at]!;
  const before = nodes.slice(0, at);
  random.pick([
    () => keys.removed.push(removeNode(program, node.key)),
    () => (random.chance(0.6) ? rename(random, node) : retype(random, node)),
    () => move(random, program, node, before),
    () => changeInput(random, node, before),
    () => changeInput(random, node, before),
    () => changeInput(random, node, before),
    () => changeOption(random, node, before, random.pick(OPTIONS)),
    () => swap(program, at),
    () => (random.chance(0.5) ? lookUp(random, program, keys) : bringBack(random, program, keys)),
    () => {
      program.outputs[`out${random.between(1, 3)}`] = newExpression(random, nodes);
    },
  ])();
}

function changeInput(random: Random, node: Node, before: readonly Node[]): void {
  if (node.kind === "component" || node.kind === "external") return;
  if (node.kind === "provider") {
    node.inputs.a = newConfiguration(random);
    return;
  }
  const input = random.pick(["a", "a", "b", "c", "s", "list"]);
  if (input !== "a" && node.inputs[input] && random.chance(0.2)) delete node.inputs[input];
  else node.inputs[input] = newExpression(random, before);
}

function rename(random: Random, node: Node): void {
  const { name } = node;
  node.name = `n-${node.key}-${random.between(1, 99)}`;
  if (random.chance(0.8)) node.options.aliases = [{ name }];
  else delete node.options.aliases;
}

/** Another type of its kind, of which an alias may tell. */
function retype(random: Random, node: Node): void {
  if (node.kind === "external" || node.kind === "provider") return;
  const type = typeOf(node);
  if (node.variant) delete node.variant;
  else node.variant = 2;
  if (random.chance(0.8)) node.options.aliases = [{ type }];
  else delete node.options.aliases;
}

function move(random: Random, program: Program, node: Node, before: readonly Node[]): void {
  const urn = urnOf(program, node.key);
  const { parent } = node.options;
  changeParent(random, node, before);
  if (random.chance(0.2)) delete node.options.aliases;
  else if (random.chance(0.5)) node.options.aliases = [{ urn }];
  else node.options.aliases = [{ parent: parent ?? null }];
}

/** Two neighbours change places, where neither needs the other. */
function swap({ nodes }: Program, at: number): void {
  const [one, other] = [nodes[at], nodes[at + 1]];
  if (!one || !other || uses(other, one.key)) return;
  nodes.splice(at, 2, other, one);
}

/** A resource is read that the history may have made. */
function lookUp(random: Random, { nodes }: Program, keys: Keys): void {
  if (random.chance(0.6)) return;
  const made = nodes.filter(({ kind }) => kind === "full" || kind === "plain");
  if (made.length === 0) return;
  const key = keys.next();
  const { key: of } = random.pick(made);
  const id: Expression = random.chance(0.6) ? { value: `${of}.1` } : { of, property: "id", by: "itself" };
  nodes.push({ key, name: `n-${key}`, kind: "external", inputs: { id }, options: {} });
}

/** A resource is declared again that an earlier step took away, as far as what it needs is there. */
function bringBack(random: Random, program: Program, keys: Keys): void {
  if (keys.removed.length === 0) return;
  const node = structuredClone(random.pick(keys.removed));
  if (program.nodes.some(({ key }) => key === node.key)) return;
  const declared = new Set(program.nodes.map(({ key }) => key));
  for (const key of neededBy(node)) if (!declared.has(key)) forgetNode(node, key, undefined);
  program.nodes.push(node);
}

export function uses(node: Node, key: string): boolean {
  return neededBy(node).includes(key);
}

function neededBy({ inputs, options }: Node): string[] {
  const { parent, dependsOn = [], deletedWith, provider, aliases = [] } = options;
  const read = Object.values(inputs).flatMap((it) => ("of" in it ? [it.of] : []));
  const named = [parent, deletedWith, provider, ...dependsOn, ...aliases.map((alias) => alias.parent)];
  return [...read, ...named.filter((key): key is string => typeof key === "string")];
}

/** Takes a node out of a program, and what refers to it; its children go up to its parent. */
export function removeNode(program: Program, key: string): Node {
  const removed = program.nodes.find((it) => it.key === key)!;
  program.nodes = program.nodes.filter((it) => it.key !== key);
  for (const node of program.nodes) forgetNode(node, key, removed.options.parent);
  forget(program.outputs, key);
  return removed;
}

/** Takes from a node what refers to another, whose parent becomes its own. */
function forgetNode({ inputs, options }: Node, key: string, grandparent: string | undefined): void {
  forget(inputs, key);
  if (options.parent === key) {
    if (grandparent) options.parent = grandparent;
    else delete options.parent;
  }
  if (options.deletedWith === key) delete options.deletedWith;
  if (options.provider === key) delete options.provider;
  options.dependsOn = options.dependsOn?.filter((it) => it !== key);
  options.aliases = options.aliases?.filter(({ parent }) => parent !== key);
  if (!options.dependsOn?.length) delete options.dependsOn;
  if (!options.aliases?.length) delete options.aliases;
}

function forget(expressions: Record<string, Expression>, key: string): void {
  for (const [name, it] of Object.entries(expressions)) {
    if ("of" in it && it.of === key) expressions[name] = { value: "text 1" };
  }
}
