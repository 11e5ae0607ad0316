import { expect } from "chai";
import { UNKNOWN } from "../../../../provider/engine/requests";
import { dataImageRule } from "../../../../provider/engine/rules/settings";

describe("the rules of an image's settings", () => {
  it("leave memory and network cards to images that make instances, all refusals at once", () => {
    const asked = { minRam: 512, maxRam: 1024, nicMultiqueue: true, sriovDriver: true };
    const violations = dataImageRule(asked, "volume store");
    expect(violations.map(({ property }) => property)).to.deep.equal(Object.keys(asked));
    expect(violations[0]?.reason).to.contain("A data image of volume store").and.to.contain("no memory");
    expect(violations[3]?.reason).to.contain("no network card");
  });

  it("let a data image have all the other settings, and say that one is off", () => {
    const settings = { name: "store", minDisk: 20, tags: { a: "b" }, sriovDriver: false };
    expect(dataImageRule(settings, "volume store")).to.deep.equal([]);
    expect(dataImageRule({ minRam: UNKNOWN }, "volume store")).to.deep.equal([]);
  });
});
