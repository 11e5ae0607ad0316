import { createColors } from "picocolors";
import { displayWidth } from "../../deployer/display/display-width";
import { treesOf } from "./tree";
import type { Branch } from "./tree";
import { isFull, manner, quotasOf, wordsOf } from "./words";
import type { LineagePicture, Quota } from "./words";
import { wrapWords } from "./wrap-words";

export interface TextOptions {
  /** Columns; lines that are longer go on below. Default: as long as they are. */
  width?: number;
  /** Default: none. */
  colors?: Paint;
}

type Paint = ReturnType<typeof createColors>;

/** A tree for terminals. */
export function lineageText(
  picture: LineagePicture,
  { width = Infinity, colors: paint = createColors(false) }: TextOptions = {},
) {
  const { graph } = picture;
  const trees = treesOf(graph);
  const lines = [`Lineage of account ${graph.account} in region ${graph.region}`];
  lines.push(...wrapWords(quotaLine(picture, paint), width, "", ""));
  for (const tree of trees) lines.push("", ...branchLines(tree, "", "", width, paint));
  if (trees.length === 0) lines.push("", "Nothing is made here yet.");
  return `${lines.join("\n")}\n`;
}

function quotaLine(picture: LineagePicture, paint: Paint): string[] {
  const { account, members } = quotasOf(picture);
  const words = ({ name, used, limit }: Quota) => `${name} ${used}/${limit}`;
  const painted = (quota: Quota) => (isFull(quota) ? paint.yellow(words(quota)) : words(quota));
  const shared = members.filter(({ used }) => used > 0);
  const all = [...account, ...shared.map((quota) => ({ ...quota, name: `members of ${quota.name}` }))];
  return all.map((quota, index) => `${painted(quota)}${index < all.length - 1 ? "," : ""}`);
}

function branchLines(
  { node, how, branches, repeated }: Branch,
  lead: string,
  below: string,
  width: number,
  paint: Paint,
): string[] {
  const { name, kind, id, facts } = wordsOf(node);
  const way = manner(how ?? node.kind);
  const kindWords = node.kind === "share" ? "shared with" : way ? `${way}: ${kind}` : kind;
  const isFaint = node.standing === "gone" || node.standing === "elsewhere";
  const words = [
    ...kindWords.split(" ").map((word) => paint.cyan(word)),
    isFaint ? paint.dim(name) : paint.bold(name),
    ...(id === undefined ? [] : [paint.dim(`(${id})`)]),
    ...facts
      .map((fact) => (fact === "gone" ? paint.yellow(fact) : fact))
      .join(", ")
      .split(" "),
    ...(repeated && branches.length === 0 ? [paint.dim("(above)")] : []),
  ].filter((word) => displayWidth(word) > 0);
  const guide = below + (branches.length > 0 ? "│  " : "   ");
  const lines = wrapWords(words, width, lead, guide);
  branches.forEach((branch, index) => {
    const last = index === branches.length - 1;
    lines.push(
      ...branchLines(
        branch,
        `${below}${last ? "└─ " : "├─ "}`,
        `${below}${last ? "   " : "│  "}`,
        width,
        paint,
      ),
    );
  });
  return lines;
}
