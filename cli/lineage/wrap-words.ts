import { displayWidth } from "../../deployer/display/display-width";

/** Words on lines no wider than `width`, where they fit; the first line begins with `lead`, others with `hanging`. */
export function wrapWords(words: readonly string[], width: number, lead: string, hanging: string): string[] {
  const lines: string[] = [];
  let line = lead;
  let used = displayWidth(lead);
  let isEmpty = true;
  for (const word of words) {
    const wide = displayWidth(word);
    if (!isEmpty && used + 1 + wide > width) {
      lines.push(line);
      line = hanging;
      used = displayWidth(hanging);
      isEmpty = true;
    }
    line += isEmpty ? word : ` ${word}`;
    used += wide + (isEmpty ? 0 : 1);
    isEmpty = false;
  }
  return [...lines, line];
}
