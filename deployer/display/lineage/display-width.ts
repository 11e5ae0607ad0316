/** Colours and the like, which take no column. */
// eslint-disable-next-line no-control-regex
const ESCAPES = /\u001b\[[\d;]*m/g;
/** Letters of Chinese, Japanese and Korean, full-width forms, and emoji take two columns of a terminal. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}|[\u{20000}-\u{3fffd}]/u;
const MARK = /\p{M}/u;

/** Columns of a terminal that a text takes. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const character of text.replace(ESCAPES, "")) {
    width += MARK.test(character) ? 0 : WIDE.test(character) ? 2 : 1;
  }
  return width;
}

/** Words on lines no wider than `width`, where they fit; the first line begins with `lead`, others with `hanging`. */
export function wrapDisplay(
  words: readonly string[],
  width: number,
  lead: string,
  hanging: string,
): string[] {
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
