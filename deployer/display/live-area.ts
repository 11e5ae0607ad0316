import { cutToWidth, displayWidth } from "./display-width";

export interface Terminal {
  write(text: string): void;
  columns(): number;
  rows(): number;
}

const UP = (rows: number): string => (rows > 0 ? `\u001b[${rows}A\r` : "\r");
const CLEAR_LINE = "\u001b[K";
const CLEAR_BELOW = "\u001b[J";

/** The last lines of a terminal, drawn over in place; what is written otherwise scrolls up above them. */
export class LiveArea {
  private drawn: string[] = [];

  constructor(
    private readonly terminal: Terminal,
    private readonly style: (line: string) => string = (line) => line,
  ) {}

  /** Draws the lines, below `above`, which are whole lines: in one piece, and without erasing first, so that nothing flickers. */
  show(lines: string[], above = ""): void {
    const columns = this.terminal.columns();
    const room = Math.max(1, this.terminal.rows() - 1);
    const fitting =
      lines.length > room ? [...lines.slice(0, room - 1), `… and ${lines.length - room + 1} more`] : lines;
    // The last column stays free: terminals differ in what they do after it.
    const now = fitting.map((line) => cutToWidth(line, columns - 1));
    if (above === "" && now.join("\n") === this.drawn.join("\n")) return;
    const over = above.split("\n").slice(0, -1);
    const text = [...over, ...now.map(this.style)].map((line) => `${line}${CLEAR_LINE}\n`).join("");
    this.terminal.write(UP(this.rowsDrawn(columns)) + text + CLEAR_BELOW);
    this.drawn = now;
  }

  /** A terminal that was made narrower since has broken lines in two. */
  private rowsDrawn(columns: number): number {
    return this.drawn.reduce((rows, line) => rows + Math.max(1, Math.ceil(displayWidth(line) / columns)), 0);
  }
}
