import type { LineageNode } from "../../provider/engine/lineage/graph";
import { manner, wordsOf } from "./words";
import type { LineagePicture } from "./words";

/** Opening and closing of a node's shape. */
const SHAPES: Record<LineageNode["kind"], readonly [string, string]> = {
  file: ["[/", "/]"],
  image: ["[", "]"],
  instance: ["([", "])"],
  volume: ["[(", ")]"],
  share: [">", "]"],
  export: ["[\\", "\\]"],
};

/** A flowchart in Mermaid's language. */
export function lineageMermaid({ graph }: LineagePicture): string {
  const ids = new Map(graph.nodes.map(({ key }, index) => [key, `n${index}`]));
  const lines = ["flowchart LR"];
  for (const node of graph.nodes) {
    const { name, kind, id, facts } = wordsOf(node);
    const [open, close] = SHAPES[node.kind];
    const label = [name, kind, id, ...facts].filter((part) => part !== undefined).map(escaped);
    lines.push(`  ${ids.get(node.key)}${open}"${label.join("<br/>")}"${close}`);
  }
  for (const { from, to, how } of graph.edges) {
    const way = manner(how);
    lines.push(`  ${ids.get(from)} -->${way ? `|${way}|` : ""} ${ids.get(to)}`);
  }
  const faint = graph.nodes.flatMap(({ key, standing }) =>
    standing === "gone" || standing === "elsewhere" ? ids.get(key)! : [],
  );
  if (faint.length > 0) {
    lines.push("  classDef faint stroke-dasharray:4 4,opacity:0.7", `  class ${faint.join(",")} faint`);
  }
  return `${lines.join("\n")}\n`;
}

/**
 * Anything but letters, digits and the signs between them becomes an entity: a label then holds no quote, no tag, no
 * directive, no Markdown and no icon, whatever a name says.
 */
function escaped(text: string): string {
  return text.replace(/[^\p{L}\p{M}\p{N} ]/gu, (sign, at: number) =>
    isWithinWord(text, at) ? sign : `#${sign.codePointAt(0)};`,
  );
}

function isWithinWord(text: string, at: number): boolean {
  return /^[A-Za-z0-9][-._/][A-Za-z0-9]$/.test(text.slice(at - 1, at + 2));
}
