import { expect } from "chai";
import { UNKNOWN } from "../../../../provider/engine/requests";
import { descriptionRule, nameRule, tagsRule } from "../../../../provider/engine/rules/naming";

const many = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`key-${i}`, "v"]));

describe("the rules of names", () => {
  const names: [string, string, string | undefined][] = [
    ["takes letters, digits, spaces, dashes, underscores and dots", "Golden image_1.2-b", undefined],
    ["takes letters of any script", "镜像 Ünïcode", undefined],
    ["takes 128 characters", "x".repeat(128), undefined],
    ["refuses 129 characters", "x".repeat(129), "it has 129 characters"],
    ["refuses an empty name", "", "it is empty"],
    ["refuses a space at the beginning", " a", "begins or ends with a space"],
    ["refuses a space at the end", "a ", "begins or ends with a space"],
    ["names the character that it refuses", "a/b", 'it holds "/"'],
    ["refuses a line break", "a\nb", 'it holds "\\n"'],
  ];
  for (const [sentence, name, reason] of names) {
    it(`${sentence}`, () => {
      const [violation] = nameRule(name);
      if (reason === undefined) expect(violation).to.equal(undefined);
      else expect(violation).to.have.property("reason").that.contains(reason);
    });
  }

  it("wait for a name that isn't known", () => {
    expect(nameRule(UNKNOWN)).to.deep.equal([]);
  });

  it("take a description of 256 characters and refuse one of 257", () => {
    expect(descriptionRule("x".repeat(256))).to.deep.equal([]);
    expect(descriptionRule("x".repeat(257))[0]?.reason).to.contain("257 characters; at most 256");
  });

  const tags: [string, Record<string, string>, string | undefined][] = [
    ["take 20 tags", many(20), undefined],
    ["refuse 21 tags and say how many to remove", many(21), "Remove 1."],
    ["refuse a key with the reserved prefix", { "images:owner": "x" }, "images: is reserved"],
    ["refuse an empty key", { "": "x" }, "it is empty"],
    ["refuse a key of 129 characters", { ["k".repeat(129)]: "x" }, "it has 129 characters"],
    ["refuse a key that begins with a space", { " a": "x" }, "begins or ends with a space"],
    ["refuse a key with a line break", { "a\nb": "x" }, "it holds the character U+000A"],
    ["take keys of any script, with signs", { "团队/équipe:1=(a+b)@x": "x" }, undefined],
    ["take an empty value", { a: "" }, undefined],
    ["take a value of any visible characters", { a: '=SUM(1), "x" 😀 ; %' }, undefined],
    [
      "refuse a value with a tab",
      { a: "x\ty" },
      "The value of tag a can't be one: it holds the character U+0009",
    ],
    ["refuse a value of 257 characters", { a: "v".repeat(257) }, "The value of tag a has 257 characters"],
  ];
  for (const [sentence, given, reason] of tags) {
    it(sentence, () => {
      const [violation] = tagsRule(given);
      if (reason === undefined) expect(violation).to.equal(undefined);
      else expect(violation).to.have.property("reason").that.contains(reason);
    });
  }

  it("wait for a tag's value that isn't known, and judge the rest", () => {
    expect(tagsRule({ a: UNKNOWN, "images:b": "x" })).to.have.length(1);
  });
});
