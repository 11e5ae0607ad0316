import { expect } from "chai";
import type { DraftOf } from "../../../../provider/engine/records";
import { UNKNOWN } from "../../../../provider/engine/requests";
import { memberRule, shareableRule } from "../../../../provider/engine/rules/sharing";

const image = (facts: Partial<DraftOf<"image">>) =>
  ({ id: "img-1", name: "golden", ...facts }) as DraftOf<"image">;

describe("the rules of sharing", () => {
  it("share system and data images", () => {
    expect(shareableRule(image({ imageType: "system", encrypted: false }))).to.deep.equal([]);
    expect(shareableRule(image({ imageType: "data", encrypted: false }))).to.deep.equal([]);
    expect(shareableRule(image({ imageType: UNKNOWN, encrypted: UNKNOWN }))).to.deep.equal([]);
  });

  it("refuse an encrypted image and a full one, both at once", () => {
    const reasons = shareableRule(image({ imageType: "full", encrypted: true })).map(({ reason }) => reason);
    expect(reasons).to.have.length(2);
    expect(reasons.join()).to.contain("it is encrypted").and.to.contain("system and data disks together");
  });

  const members: [string, string, string | undefined][] = [
    ["another account of the region", "team", undefined],
    ["the owner", "default", "belongs to account default itself"],
    ["an account that isn't there", "nobody", "Its accounts are default, team"],
  ];
  for (const [who, memberId, reason] of members) {
    it(`${reason === undefined ? "allow" : "refuse"} ${who}`, () => {
      const [violation] = memberRule(memberId, "default", "local", ["default", "team"]);
      if (reason === undefined) expect(violation).to.equal(undefined);
      else expect(violation).to.have.property("reason").that.contains(reason);
    });
  }

  it("wait for a member that isn't known", () => {
    expect(memberRule(UNKNOWN, "default", "local", ["default"])).to.deep.equal([]);
  });
});
