import { expect } from "chai";
import type { DraftOf } from "../../../../provider/engine/records";
import { UNKNOWN } from "../../../../provider/engine/requests";
import { convertibleRule } from "../../../../provider/engine/rules/conversion";

const image = (facts: Partial<DraftOf<"image">>) =>
  ({ id: "img-1", name: "golden", visibility: "private", imageType: "system", ...facts }) as DraftOf<"image">;

describe("the rules of conversion", () => {
  const cases: [string, Partial<DraftOf<"image">>, string | undefined][] = [
    ["a localDisk system image", { architectures: ["localDisk"] }, undefined],
    ["a localDisk full image", { architectures: ["localDisk"], imageType: "full" }, undefined],
    ["a cloudDisk image", { architectures: ["cloudDisk"] }, "is a cloudDisk image already"],
    ["a localDisk data image", { architectures: ["localDisk"], imageType: "data" }, "needs no conversion"],
    ["a cloudDisk data image", { architectures: ["cloudDisk"], imageType: "data" }, "needs no conversion"],
    ["an image of which nothing is known yet", { architectures: UNKNOWN, imageType: UNKNOWN }, undefined],
  ];
  for (const [what, facts, reason] of cases) {
    it(`${reason === undefined ? "allow" : "refuse"} ${what}`, () => {
      const found = convertibleRule(image(facts)).map((violation) => violation.reason);
      if (reason === undefined) expect(found).to.deep.equal([]);
      else expect(found.join()).to.contain(reason);
    });
  }
});
