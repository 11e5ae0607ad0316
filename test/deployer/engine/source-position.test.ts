import { expect } from "chai";
import { positionIn, positionOf } from "../../../deployer/engine/source-position";

describe("source position", () => {
  it("is relative to the project in the state", () => {
    expect(positionIn("/home/p", "file:///home/p/src/index.ts", 12, 3)).to.equal(
      "project:///src/index.ts#12,3",
    );
    expect(positionIn("/home/p", "file:///home/lib/x.ts", 1, 0)).to.equal("project:///../lib/x.ts#1");
    expect(positionIn("/home/p", "https://x", 1, 1)).to.equal(undefined);
  });

  const cases: [string, string[], string | undefined][] = [
    ["is the user's line", ["project:///index.ts#12,3"], "index.ts:12"],
    [
      "isn't a library's",
      ["project:///node_modules/x/index.js#1,1", "project:///../x/y.js#2,1", "", "project:///a b.ts#3,1"],
      "a b.ts:3",
    ],
    ["is nothing where no frame is the user's", ["project:///../x/y.js#2,1"], undefined],
  ];
  for (const [name, positions, expected] of cases) {
    it(name, () => expect(positionOf(positions.map((it) => encodeURI(it)))).to.equal(expected));
  }
});
