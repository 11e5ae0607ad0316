import { displayWidth } from "../../deployer/display/display-width";

/** What a terminal shows after it was written to, as far as this package's displays use one. */
export class TerminalScreen {
  private readonly rows: string[][] = [[]];
  private row = 0;
  private column = 0;

  constructor(private readonly columns: number) {}

  write(text: string): void {
    // eslint-disable-next-line no-control-regex
    for (const [token] of text.matchAll(/\u001b\[[0-9;]*[A-Za-z]|\r|\n|[^\u001b\r\n]/gsu)) this.take(token);
  }

  /** All lines, those that have scrolled away too. */
  get lines(): string[] {
    return this.rows.map((cells) => cells.join("").trimEnd());
  }

  private take(token: string): void {
    if (token === "\r") this.column = 0;
    else if (token === "\n") this.down();
    else if (token.startsWith("\u001b[")) this.control(token);
    else this.put(token);
  }

  private control(token: string): void {
    const command = token.at(-1);
    if (command === "A") this.row -= Number(token.slice(2, -1));
    else if (command === "K") this.cells.length = Math.min(this.cells.length, this.column);
    else if (command === "J") {
      this.cells.length = Math.min(this.cells.length, this.column);
      this.rows.length = this.row + 1;
    } else if (command !== "m") throw new Error(`the screen doesn't know ${JSON.stringify(token)}`);
    if (this.row < 0) throw new Error("above the top of the terminal");
  }

  private put(char: string): void {
    const width = displayWidth(char);
    if (this.column + width > this.columns) this.down();
    while (this.cells.length < this.column) this.cells.push(" ");
    if (width === 0) this.cells[this.column - 1] += char;
    else this.cells.splice(this.column, width, char, ...(width === 2 ? [""] : []));
    this.column += width;
  }

  private down(): void {
    this.row++;
    this.column = 0;
    if (this.row === this.rows.length) this.rows.push([]);
  }

  private get cells(): string[] {
    return this.rows[this.row]!;
  }
}
