import { escapeHtml } from "./escape-html";
import { layOut } from "./layout";
import type { Layout, Placed } from "./layout";
import { manner, wordsOf } from "./words";
import type { LineagePicture } from "./words";

const BOX = { width: 212, height: 68 };
const GAP = { x: 44, y: 14 };
const MARGIN = 8;
/** How far the path of what leads back hangs below the boxes. */
const HANG = 34;

/** The graph drawn, generations from left to right; styled by the page's classes. */
export function lineageSvg({ graph }: LineagePicture, labelledBy: string): string {
  const layout = layOut(graph);
  const width = 2 * MARGIN + layout.columns * (BOX.width + GAP.x) - GAP.x;
  const height = 2 * MARGIN + layout.rows * (BOX.height + GAP.y) - GAP.y;
  return [
    `<svg role="img" aria-labelledby="${labelledBy}" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    ...layout.edges.map(edgePath),
    ...layout.nodes.map(box),
    "</svg>",
  ].join("\n");
}

function corner({ column, row }: Placed): { x: number; y: number } {
  return { x: MARGIN + column * (BOX.width + GAP.x), y: MARGIN + row * (BOX.height + GAP.y) };
}

function edgePath({ from, to, second }: Layout["edges"][number]): string {
  const start = corner(from);
  const end = corner(to);
  const line = end.x > start.x ? forward(start, end) : back(start, end);
  return `<path class="edge${second ? " second" : ""}" d="${line}"/>`;
}

type Corner = ReturnType<typeof corner>;

function forward(start: Corner, end: Corner): string {
  const [x1, y1] = [start.x + BOX.width, start.y + BOX.height / 2];
  const [x2, y2] = [end.x, end.y + BOX.height / 2];
  const middle = (x1 + x2) / 2;
  return `M${x1} ${y1}C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}`;
}

/** An instance that was rebuilt with an image of itself. */
function back(start: Corner, end: Corner): string {
  const [x1, y1] = [start.x + BOX.width / 2, start.y + BOX.height];
  const [x2, y2] = [end.x + BOX.width / 2, end.y + BOX.height];
  return `M${x1} ${y1}C${x1} ${y1 + HANG} ${x2} ${y2 + HANG} ${x2} ${y2}`;
}

function box(placed: Placed): string {
  const { node, how } = placed;
  const { x, y } = corner(placed);
  const { name, kind, id, facts } = wordsOf(node);
  const way = how && manner(how);
  const kindLine = way ? `${way}: ${kind}` : node.kind === "share" ? "shared with" : kind;
  const lines = [kindLine, name, [...facts, ...(id === undefined ? [] : [id])].join(" · ")];
  const faint = node.standing === "gone" || node.standing === "elsewhere" ? " faint" : "";
  const text = lines.map(
    (line, index) => `<div class="${index === 1 ? "name" : "small"}">${escapeHtml(line)}</div>`,
  );
  return [
    `<g class="node ${node.kind}${faint}">`,
    `<title>${escapeHtml(lines.filter(Boolean).join("\n"))}</title>`,
    `<rect class="box" x="${x}" y="${y}" width="${BOX.width}" height="${BOX.height}" rx="8"/>`,
    `<rect class="stripe" x="${x}" y="${y + 8}" width="5" height="${BOX.height - 16}" rx="2.5"/>`,
    `<foreignObject x="${x + 14}" y="${y + 5}" width="${BOX.width - 22}" height="${BOX.height - 8}">`,
    `<div xmlns="http://www.w3.org/1999/xhtml">${text.join("")}</div></foreignObject>`,
    "</g>",
  ].join("");
}
