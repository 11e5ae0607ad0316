/** A name or value as code, which neither Markdown nor HTML, mentions nor references are found in. */
export function code(text: string): string {
  const line = oneLine(text) || " ";
  const fence = "`".repeat(longestRun(line) + 1);
  const space = /^`|`$|^ .* $/.test(line) ? " " : "";
  return `${fence}${space}${line}${space}${fence}`;
}

/** A sentence as it stands, none of it read as Markdown, HTML, a mention or a reference. */
export function prose(text: string): string {
  return oneLine(text)
    .replace(/[\\`*_{}[\]<>#~|!]/g, "\\$&")
    .replace(/&/g, "&amp;")
    .replace(/[@#](?=\w)/g, "$&\u200b");
}

/** Code where Markdown isn't read, such as in a <summary>. */
export function htmlCode(text: string): string {
  const escaped = oneLine(text).replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
  return `<code>${escaped}</code>`;
}

/** One row; a bar within code needs its backslash too. */
export function row(...cells: string[]): string {
  return `| ${cells.map((cell) => cell.replace(/(?<!\\)\|/g, "\\|")).join(" | ")} |`;
}

/** What is folded away until it is asked for; `lines` in GitHub's colours for differences. */
export function foldedDiff(summary: string, lines: string[]): string {
  const shown = lines.map(oneLine);
  const fence = "`".repeat(Math.max(3, longestRun(shown.join("\n")) + 1));
  const body = [`${fence}diff`, ...shown, fence].join("\n");
  return `<details><summary>${summary}</summary>\n\n${body}\n\n</details>`;
}

/** Text for a hidden comment, which must not end it. */
export function hidden(text: string): string {
  return `<!-- ${oneLine(text).replace(/--+/g, "-").replace(/[<>]/g, "")} -->`;
}

/** Without controls, nor those that make text run the other way. */
function oneLine(text: string): string {
  return text.replace(/\s*[\r\n]+\s*/g, " ").replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, "");
}

function longestRun(text: string): number {
  return Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length));
}
