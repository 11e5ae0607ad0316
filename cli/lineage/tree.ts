import type { LineageEdge, LineageGraph, LineageNode } from "../../provider/engine/lineage/graph";

/** A node under one that it was made from. */
export interface Branch {
  node: LineageNode;
  /** How it was made from the branch above; absent of a root. */
  how?: LineageEdge["how"];
  branches: Branch[];
  /** It stands elsewhere in the tree, with what was made from it. */
  repeated?: boolean;
}

/** The graph as trees: a node with several makers stands whole under the first of them, and by name under the others. */
export function treesOf({ nodes, edges }: LineageGraph): Branch[] {
  const byKey = new Map(nodes.map((node) => [node.key, node]));
  const made = new Map<string, LineageEdge[]>(nodes.map(({ key }) => [key, []]));
  for (const edge of edges) made.get(edge.from)?.push(edge);
  const order = new Map(nodes.map(({ key }, index) => [key, index]));
  for (const group of made.values()) group.sort((a, b) => order.get(a.to)! - order.get(b.to)!);
  const shown = new Set<string>();

  const grow = (node: LineageNode, how?: LineageEdge["how"]): Branch => {
    if (shown.has(node.key)) return { node, how, branches: [], repeated: true };
    shown.add(node.key);
    const branches = made.get(node.key)!.map((edge) => grow(byKey.get(edge.to)!, edge.how));
    return { node, how, branches };
  };

  const hasMaker = new Set(edges.map(({ to }) => to));
  const roots = nodes.filter(({ key }) => !hasMaker.has(key)).map((node) => grow(node));
  // What is left goes in a circle: it begins with its oldest.
  for (const node of nodes) if (!shown.has(node.key)) roots.push(grow(node));
  return roots;
}
