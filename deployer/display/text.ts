import { displayWidth } from "./display-width";

/** Breaks text at spaces so that no line is longer than `width`; every line is indented, line breaks are kept. */
export function wrap(text: string, width: number, indent: string, hanging = indent): string {
  return text
    .split("\n")
    .map((line) => wrapLine(line, width, indent, hanging))
    .join("\n");
}

function wrapLine(line: string, width: number, indent: string, hanging: string): string {
  const lead = /^\s*/.exec(line)![0];
  const lines: string[] = [];
  let current = indent + lead;
  let empty = true;
  for (const word of line.split(/\s+/).filter(Boolean)) {
    if (!empty && displayWidth(current) + 1 + displayWidth(word) > width) {
      lines.push(current);
      current = hanging + lead + word;
    } else {
      current += empty ? word : ` ${word}`;
    }
    empty = false;
  }
  return [...lines, current.trimEnd()].join("\n");
}

export function count(n: number, noun: string, plural = `${noun}s`): string {
  return `${n} ${n === 1 ? noun : plural}`;
}

/** `0.4s`, `12s`, `3m 05s` */
export function duration(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)}s`;
  if (seconds < 60) return `${Math.round(seconds)}s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}m ${String(whole % 60).padStart(2, "0")}s`;
}
