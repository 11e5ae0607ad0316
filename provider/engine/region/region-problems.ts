import { isNode, type Document, type LineCounter } from "yaml";
import { ViolationError } from "../violation";

/** A place in a document: keys and positions from its root. */
export type Path = readonly (string | number)[];

/** Gathers all that is wrong in the operator's file, each with its line, to refuse it at once. */
export class RegionProblems {
  private readonly found: { line: number; reason: string }[] = [];

  constructor(
    private readonly file: string,
    private readonly lines: LineCounter,
  ) {}

  addAt(offset: number, reason: string): void {
    this.found.push({ line: this.lines.linePos(offset).line, reason });
  }

  /** `key`: the reason is about that key of the mapping at `path`, not about the mapping. */
  add(document: Document, path: Path, reason: string, key?: string): void {
    this.addAt(offsetOf(document, path, key), `${spell(path)}${reason}`);
  }

  throwIfAny(): void {
    if (this.found.length === 0) return;
    throw new ViolationError(
      this.found
        .sort((a, b) => a.line - b.line)
        .map(({ line, reason }) => ({ property: "", reason: `${this.file}:${line}: ${reason}.` })),
    );
  }
}

function spell(path: Path): string {
  const joined = path.map((step) => (typeof step === "number" ? `[${step}]` : `.${step}`)).join("");
  return joined ? `${joined.replace(/^\./, "")}: ` : "";
}

function offsetOf(document: Document, path: Path, key: string | undefined): number {
  const target: unknown = path.length ? document.getIn(path, true) : document.contents;
  if (key !== undefined && typeof target === "object" && target !== null && "items" in target) {
    for (const pair of target.items as { key?: unknown }[]) {
      if (isNode(pair.key) && String(pair.key) === key) return pair.key.range?.[0] ?? 0;
    }
  }
  if (isNode(target) && target.range) return target.range[0];
  return path.length
    ? offsetOf(document, path.slice(0, -1), String(path.at(-1)))
    : (document.range?.[0] ?? 0);
}
