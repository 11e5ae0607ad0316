import { expect } from "chai";
import { cutToWidth, displayWidth, padToWidth } from "../../../deployer/display/display-width";

describe("the width of text in a terminal", () => {
  const cases: [what: string, text: string, width: number][] = [
    ["Latin letters take a column each", "golden", 6],
    ["accents take none, composed or not", "é e\u0301", 3],
    ["Chinese, Japanese and Korean take two each", "镜像イメージ이미지", 18],
    ["half-width katakana take one", "ｲﾒｰｼﾞ", 5],
    ["full-width letters take two", "ＡＢ", 4],
    ["an emoji takes two", "🚀", 2],
    ["an emoji of several characters takes two", "👩‍👩‍👧", 2],
    ["a flag takes two", "🇩🇪", 2],
    ["a sign that is made an emoji takes two", "❤️", 2],
    ["Devanagari takes one for each letter and each sign beside it", "हिन्दी", 5],
    ["Arabic with its marks takes one for each letter", "صُورَة", 4],
    ["signs of this display take one", "±✓✗…·", 5],
    ["colours take none", "\u001b[32mgreen\u001b[39m", 5],
    ["joiners and controls take none", "a\u200bb\u0007", 2],
  ];
  for (const [what, text, width] of cases) {
    it(what, () => expect(displayWidth(text)).to.equal(width));
  }

  it("is what text is filled up to and cut to, no character in halves", () => {
    expect(padToWidth("镜像", 6)).to.equal("镜像  ");
    expect(cutToWidth("镜像服务", 6)).to.equal("镜像…");
    expect(cutToWidth("镜像服务", 8)).to.equal("镜像服务");
    expect(cutToWidth("a👩‍👩‍👧b", 3)).to.equal("a…");
  });
});
