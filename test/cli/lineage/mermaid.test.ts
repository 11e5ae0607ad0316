import { expect } from "chai";
import fc from "fast-check";
import { lineageMermaid } from "../../../cli/lineage/mermaid";
import { pictureOf, wholePicture } from "./pictures";

/** Every line that the flowchart may have: the words between quotes hold letters, digits, inner signs and entities. */
const LABEL = String.raw`"(?:[\p{L}\p{M}\p{N} ]|(?<=[A-Za-z0-9])[-._/](?=[A-Za-z0-9])|#\d+;|<br/>)*"`;
const NODE = String.raw`n\d+(?:\[${LABEL}\]|\(\[${LABEL}\]\)|\[\(${LABEL}\)\]|\[/${LABEL}/\]|\[\\${LABEL}\\\]|>${LABEL}\])`;
const EDGE = String.raw`n\d+ -->(?:\|(?:conversion|replica)\|)? n\d+`;
const STYLE = String.raw`classDef faint [\w.:, -]+|class n\d+(?:,n\d+)* faint`;
const LINE = new RegExp(`^(?:flowchart LR|  (?:${NODE}|${EDGE}|${STYLE}))$`, "u");

describe("the lineage as a Mermaid flowchart", () => {
  it("has a node for each thing, an arrow for each making, and says which is a conversion or replica", () => {
    const picture = wholePicture();
    const lines = lineageMermaid(picture).trimEnd().split("\n");
    for (const line of lines) expect(line).to.match(LINE);
    const { nodes, edges } = picture.graph;
    expect(lines.filter((line) => /^ {2}n\d+[[(>]/.test(line))).to.have.length(nodes.length);
    expect(lines.filter((line) => line.includes("-->"))).to.have.length(edges.length);
    const id = (of: string) => `n${nodes.findIndex((node) => node.id === of)}`;
    expect(lines).to.include(`  ${id("img-1")} -->|conversion| ${id("img-2")}`);
    expect(lines).to.include(`  ${id("img-2")} -->|replica| ${id("img-3")}`);
    expect(lines.at(-1)).to.equal(`  class ${id("i-9")},${id("img-5")},${id("img-0")} faint`);
  });

  const names: [says: string, name: string, written: string][] = [
    ["quotes", 'a "b"', "a #34;b#34;"],
    ["a bracket", "a]b", "a#93;b"],
    ["an entity", "#quot;", "#35;quot#59;"],
    ["a tag", "<b>x</b>", "#60;b#62;x#60;#47;b#62;"],
    ["a directive", "%%{init}%%", "#37;#37;#123;init#125;#37;#37;"],
    ["Markdown", "1. *x*", "1#46; #42;x#42;"],
    ["an icon", "fa:fa-car", "fa#58;fa-car"],
    ["a line break", "a\nb", "a#65533;b"],
    ["a sign beyond the first plane", "a\u{1f600}", "a#128512;"],
    ["signs within a word", "web-1.2_x", "web-1.2_x"],
  ];
  for (const [says, name, written] of names) {
    it(`writes ${says} so that it is read as text`, () => {
      expect(lineageMermaid(pictureOf(name))).to.include(`["${written}<br/>`);
    });
  }

  it("keeps to its grammar whatever a name says", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (name) => {
        for (const line of lineageMermaid(pictureOf(name)).trimEnd().split("\n")) expect(line).to.match(LINE);
      }),
    );
  });
});
