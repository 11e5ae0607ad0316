import Table from "cli-table3";

const LINES = ["top", "bottom", "left", "right", "mid"];
const PLAIN = Object.fromEntries(
  LINES.flatMap((line) => ["", "-mid", "-left", "-right"].map((part) => [line + part, ""])),
);

/** What a terminal would obey or hide instead of showing it: others have written some of what stands in tables. */
const UNSHOWN = /[\p{Cc}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** Columns apart by two spaces, without lines, so that it can be read and cut alike. */
export function table(head: string[], rows: string[][]): string {
  const chars = { ...PLAIN, middle: "  " };
  const style = { head: [], border: [], "padding-left": 0, "padding-right": 0 };
  const lines = new Table({ head, chars, style });
  lines.push(...rows.map((row) => row.map(visible)));
  return `${lines.toString().replace(/[ ]+$/gm, "")}\n`;
}

function visible(cell: string): string {
  return cell.replace(UNSHOWN, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}
