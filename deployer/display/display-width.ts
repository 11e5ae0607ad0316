let segmenter: Intl.Segmenter | undefined;
/** Made at the first need: most text is plain ASCII. */
const graphemes = (text: string): Intl.Segments => (segmenter ??= new Intl.Segmenter()).segment(text);

/** Nothing of its own to see: marks above others, joiners, controls, what is joined to a Korean syllable. */
const INVISIBLE = /[\p{Mn}\p{Me}\p{Control}\p{Format}\p{Default_Ignorable_Code_Point}\u1160-\u11ff]/u;
const EMOJI = /\p{Emoji_Presentation}|\p{Emoji}\ufe0f|\p{Regional_Indicator}{2}/u;
/** Full-width by Unicode's East Asian Width. */
const WIDE =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{18cff}\u{1aff0}-\u{1b2fb}\u{20000}-\u{3fffd}]/u;
// eslint-disable-next-line no-control-regex
const ESCAPES = /\u001b\[[0-9;]*m/g;

/** Columns that text takes in a terminal; colours take none. */
export function displayWidth(text: string): number {
  if (/^[\u0020-\u007e]*$/.test(text)) return text.length;
  let width = 0;
  for (const { segment } of graphemes(text.replace(ESCAPES, ""))) width += widthOf(segment);
  return width;
}

export function padToWidth(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - displayWidth(text)));
}

/** The beginning of text without colours that has room, with an ellipsis where something is left out. */
export function cutToWidth(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  let cut = "";
  let left = width - 1;
  for (const { segment } of graphemes(text)) {
    left -= widthOf(segment);
    if (left < 0) break;
    cut += segment;
  }
  return `${cut}…`;
}

function widthOf(grapheme: string): number {
  if (EMOJI.test(grapheme)) return 2;
  let width = 0;
  for (const char of grapheme) width += INVISIBLE.test(char) ? 0 : WIDE.test(char) ? 2 : 1;
  return width;
}
