import type { Node, Program } from "./model";

/**
 * Whether resources of a program wait for each other without end: its process ends with code 1 then, and what it hasn't
 * reached is deleted by the Pulumi CLI (docs/deployer.md). What is declared in turn waits for what stands before it.
 */
export function isStuck(program: Program): boolean {
  if (program.inTurn) return false;
  const waiting = new Map(program.nodes.map((node) => [node.key, waitsFor(program, node)]));
  for (let settled = true; settled;) {
    settled = false;
    for (const [key, others] of waiting) {
      if (others.some((other) => waiting.has(other))) continue;
      waiting.delete(key);
      settled = true;
    }
  }
  return waiting.size > 0;
}

function waitsFor(program: Program, node: Node): string[] {
  const { nodes } = program;
  const { dependsOn = [], parent, deletedWith, aliases = [] } = node.options;
  const read = Object.values(node.inputs).flatMap((it) => ("of" in it ? [it.of] : []));
  const depended = [...dependsOn, ...read, ...previous(program, node)];
  const within = depended.flatMap((key) => insideOf(nodes, key)).filter((key) => key !== node.key);
  const named = [parent, deletedWith, providerOf(nodes, node), ...aliases.map((alias) => alias.parent)];
  return [...within, ...named.filter((key): key is string => typeof key === "string")];
}

/** A resource, or a component with all that is in it, but for the children of custom resources. */
function insideOf(nodes: readonly Node[], key: string): string[] {
  if (nodes.find((it) => it.key === key)?.kind !== "component") return [key];
  const children = nodes.filter(({ options }) => options.parent === key);
  return [key, ...children.flatMap((child) => insideOf(nodes, child.key))];
}

/** Its own provider, or the one that it has from its parents. */
function providerOf(nodes: readonly Node[], { options }: Node): string | undefined {
  if (options.provider) return options.provider;
  const parent = nodes.find(({ key }) => key === options.parent);
  return parent && providerOf(nodes, parent);
}

function previous({ chained, nodes }: Program, node: Node): string[] {
  if (!chained) return [];
  const before = nodes
    .slice(0, nodes.indexOf(node))
    .filter(({ kind }) => kind === "full" || kind === "plain");
  return before.slice(-1).map(({ key }) => key);
}
