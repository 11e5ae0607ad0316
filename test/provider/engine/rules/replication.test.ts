import { expect } from "chai";
import type { ImageType } from "../../../../provider/engine/model";
import type { DraftOf } from "../../../../provider/engine/records";
import type { Maybe } from "../../../../provider/engine/requests";
import { UNKNOWN } from "../../../../provider/engine/requests";
import { replicableRule } from "../../../../provider/engine/rules/replication";

const plain = { encrypted: false, quickProvisioning: false };
const sealed = { ...plain, encrypted: true };
const quick = { ...plain, quickProvisioning: true };

describe("the rules of replication", () => {
  const cases: [string, Maybe<ImageType>, typeof plain, string | undefined][] = [
    ["a sealed replica of a system image", "system", sealed, undefined],
    ["a quick replica of a system image", "system", quick, undefined],
    ["a sealed replica of a data image", "data", sealed, undefined],
    ["a quick replica of a data image", "data", quick, "quickProvisioning"],
    ["a plain replica of a full image", "full", plain, undefined],
    ["a quick replica of a full image", "full", quick, undefined],
    ["a sealed replica of a full image", "full", sealed, "encrypted"],
    ["a sealed replica of an image whose kind isn't known yet", UNKNOWN, sealed, undefined],
  ];
  for (const [what, imageType, replica, property] of cases) {
    it(`${property === undefined ? "allow" : "refuse"} ${what}`, () => {
      const image = { id: "img-1", name: "golden", imageType } as DraftOf<"image">;
      expect(replicableRule(image, replica).map((violation) => violation.property)).to.deep.equal(
        property === undefined ? [] : [property],
      );
    });
  }
});
