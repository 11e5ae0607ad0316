import type { Keys } from "./generator";
import { changeOption, changeParent, newExpression, newNode, OPTIONS } from "./generator";
import type { Expression, Node, Program } from "./model";
import type { Random } from "./random";
import { urnOf } from "./urns";

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
    () => removeNode(program, node.key),
    () => rename(random, node),
    () => move(random, program, node, before),
    () => changeInput(random, node, before),
    () => changeInput(random, node, before),
    () => changeInput(random, node, before),
    () => changeOption(random, node, before, random.pick(OPTIONS)),
    () => swap(program, at),
    () => lookUp(random, program, keys),
    () => {
      program.outputs[`out${random.between(1, 3)}`] = newExpression(random, nodes);
    },
  ])();
}

function changeInput(random: Random, node: Node, before: readonly Node[]): void {
  if (node.kind === "component" || node.kind === "external") return;
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

export function uses({ inputs, options }: Node, key: string): boolean {
  const { parent, dependsOn = [], deletedWith, aliases = [] } = options;
  return (
    [parent, deletedWith, ...dependsOn, ...aliases.map((alias) => alias.parent)].includes(key) ||
    Object.values(inputs).some((it) => "of" in it && it.of === key)
  );
}

/** Takes a node out of a program, and what refers to it; its children go up to its parent. */
export function removeNode(program: Program, key: string): void {
  const { parent: grandparent } = program.nodes.find((it) => it.key === key)!.options;
  program.nodes = program.nodes.filter((it) => it.key !== key);
  for (const { inputs, options } of program.nodes) {
    forget(inputs, key);
    if (options.parent === key) {
      if (grandparent) options.parent = grandparent;
      else delete options.parent;
    }
    if (options.deletedWith === key) delete options.deletedWith;
    options.dependsOn = options.dependsOn?.filter((it) => it !== key);
    options.aliases = options.aliases?.filter(({ parent }) => parent !== key);
    if (!options.dependsOn?.length) delete options.dependsOn;
    if (!options.aliases?.length) delete options.aliases;
  }
  forget(program.outputs, key);
}

function forget(expressions: Record<string, Expression>, key: string): void {
  for (const [name, it] of Object.entries(expressions)) {
    if ("of" in it && it.of === key) expressions[name] = { value: "text 1" };
  }
}
