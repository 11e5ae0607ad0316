import { readFileSync } from "node:fs";
import path from "node:path";
import { root } from "./paths";

/** The rows of the table under a heading of a page, without the head: a cell's text, backticks kept. */
export function tableOf(page: string, heading: string): string[][] {
  const text = readFileSync(path.join(root, page), "utf8");
  const section = text.split(/^#+ /m).find((it) => it.startsWith(`${heading}\n`));
  if (section === undefined) throw new Error(`${page} has no section "${heading}"`);
  const rows = section.split("\n").filter((line) => line.startsWith("|"));
  return rows.slice(2).map((row) =>
    row
      .slice(1, -1)
      .split(" | ")
      .map((cell) => cell.trim()),
  );
}

/** Whether a text is what a template says, in which `<anything>` stands for some words, and backticks are markup. */
export function matches(text: string, template: string): boolean {
  const parts = template.replaceAll("`", "").split(/<[a-z ]+>/);
  const escaped = parts.map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${escaped.join("[^]+")}$`).test(text);
}
