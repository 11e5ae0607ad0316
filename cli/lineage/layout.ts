import type { LineageEdge, LineageGraph, LineageNode } from "../../provider/engine/lineage/graph";
import { treesOf } from "./tree";
import type { Branch } from "./tree";

/** A node of the picture: its generation from the left and its row from the top. */
export interface Placed {
  node: LineageNode;
  /** How it was made of the node that it stands beside. */
  how?: LineageEdge["how"];
  column: number;
  row: number;
}

export interface Layout {
  nodes: Placed[];
  /** `second`: to a node that stands beside another maker of it. */
  edges: { from: Placed; to: Placed; second: boolean }[];
  columns: number;
  rows: number;
}

/** Each node to the right of its first maker; the first of what was made of a node on its row, the others below. */
export function layOut(graph: LineageGraph): Layout {
  const placed = new Map<string, Placed>();
  const besides = new Map<string, string>();
  let rows = 0;
  const place = ({ node, how, branches, repeated }: Branch, column: number, maker?: string): void => {
    if (repeated) return;
    placed.set(node.key, { node, how, column, row: rows });
    if (maker !== undefined) besides.set(node.key, maker);
    const before = rows;
    for (const branch of branches) place(branch, column + 1, node.key);
    if (rows === before) rows++;
  };
  for (const tree of treesOf(graph)) place(tree, 0);
  const nodes = [...placed.values()];
  return {
    nodes,
    edges: graph.edges.map(({ from, to }) => ({
      from: placed.get(from)!,
      to: placed.get(to)!,
      second: besides.get(to) !== from,
    })),
    columns: Math.max(0, ...nodes.map(({ column }) => column + 1)),
    rows,
  };
}
