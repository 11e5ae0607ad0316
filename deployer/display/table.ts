import Table from "cli-table3";

const LINES = ["top", "bottom", "left", "right", "mid"];
const PLAIN = Object.fromEntries(
  LINES.flatMap((line) => ["", "-mid", "-left", "-right"].map((part) => [line + part, ""])),
);

/** Columns apart by two spaces, without lines, so that it can be read and cut alike. */
export function table(head: string[], rows: string[][]): string {
  const chars = { ...PLAIN, middle: "  " };
  const style = { head: [], border: [], "padding-left": 0, "padding-right": 0 };
  const lines = new Table({ head, chars, style });
  lines.push(...rows);
  return `${lines.toString().replace(/[ ]+$/gm, "")}\n`;
}
