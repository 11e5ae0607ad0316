import { readFile } from "node:fs/promises";
import { isMap, isScalar, LineCounter, parseDocument } from "yaml";
import type { Document } from "yaml";
import { fileError, UserError } from "../user-error";

/** A YAML file of the project's, with the lines of its keys for messages, and its comments for writing it back. */
export class YamlFile {
  private constructor(
    readonly path: string,
    readonly document: Document,
    private readonly lines: LineCounter,
  ) {}

  static parse(path: string, text: string): YamlFile {
    const lines = new LineCounter();
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
    const [error] = document.errors;
    if (error) {
      const { line, col } = lines.linePos(error.pos[0]);
      throw new UserError(`${path}:${line}:${col}: ${error.message}`);
    }
    if (document.contents !== null && !isMap(document.contents) && !isEmptyScalar(document.contents)) {
      throw new UserError(`${path}: expected keys and values.`);
    }
    return new YamlFile(path, document, lines);
  }

  /** Undefined where there is no such file. */
  static async read(path: string): Promise<YamlFile | undefined> {
    const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return undefined;
      throw fileError(`Reading ${path}`, error);
    });
    return text === undefined ? undefined : YamlFile.parse(path, text);
  }

  keys(...path: string[]): string[] {
    const map = path.length === 0 ? this.document.contents : this.document.getIn(path, true);
    return isMap(map) ? map.items.map(({ key }) => String(isScalar(key) ? key.value : key)) : [];
  }

  get(...path: string[]): unknown {
    const value: unknown = this.document.getIn(path, true);
    return value === undefined ? undefined : plain(value, this.document);
  }

  /** `Pulumi.yaml:3: "plugins" …` */
  error(key: string[], message: string): UserError {
    return new UserError(`${this.path}${this.lineOf(key)}: ${message}`);
  }

  private lineOf(path: string[]): string {
    const map = path.length === 1 ? this.document.contents : this.document.getIn(path.slice(0, -1), true);
    if (!isMap(map)) return "";
    const pair = map.items.find(({ key }) => String(isScalar(key) ? key.value : key) === path.at(-1));
    const range = isScalar(pair?.key) ? pair.key.range : undefined;
    return range ? `:${this.lines.linePos(range[0]).line}` : "";
  }
}

const isEmptyScalar = (node: unknown): boolean => isScalar(node) && node.value === null;

function plain(node: unknown, document: Document): unknown {
  const value = (node as { toJS?: (document: Document) => unknown }).toJS?.(document);
  return value === undefined ? node : value;
}
