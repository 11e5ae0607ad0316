import path from "node:path";
import { fileURLToPath } from "node:url";

/** A position in the state's form, `project:///index.ts#12,3`: relative to the project's folder. */
export function positionIn(
  projectDir: string,
  uri: string,
  line: number,
  column: number,
): string | undefined {
  if (!uri.startsWith("file:") || line < 1) return undefined;
  const file = path.relative(projectDir, fileURLToPath(uri)).split(path.sep).join("/");
  return `project:///${encodeURI(file)}#${line}${column > 0 ? `,${column}` : ""}`;
}

/**
 * The user's own line of a call, `index.ts:12`: the first position that is inside the project and not in a library.
 * Positions are in the state's form, innermost first.
 */
export function positionOf(positions: string[]): string | undefined {
  const own = positions.find(
    (it) => it && !it.startsWith("project:///../") && !it.includes("/node_modules/"),
  );
  const match = own && /^project:\/\/\/(.*)#(\d+)(?:,\d+)?$/.exec(own);
  return match ? `${decodeURI(match[1]!)}:${match[2]}` : undefined;
}
