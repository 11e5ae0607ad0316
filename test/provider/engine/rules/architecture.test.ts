import { expect } from "chai";
import type { Architecture, ImageType } from "../../../../provider/engine/model";
import { UNKNOWN } from "../../../../provider/engine/requests";
import {
  conversionArchitectureRule,
  servesInstanceRule,
  servesVolumeRule,
  statedArchitectureRule,
} from "../../../../provider/engine/rules/architecture";

describe("the rules of architecture", () => {
  it("take a stated architecture that is the inherited one, or waits for it", () => {
    expect(statedArchitectureRule("cloudDisk", "cloudDisk", "instance vm")).to.deep.equal([]);
    expect(statedArchitectureRule("cloudDisk", UNKNOWN, "instance vm")).to.deep.equal([]);
    expect(statedArchitectureRule(UNKNOWN, "cloudDisk", "instance vm")).to.deep.equal([]);
    expect(statedArchitectureRule(undefined, "cloudDisk", "instance vm")).to.deep.equal([]);
  });

  it("refuse a stated architecture that contradicts the inherited one, and name where it comes from", () => {
    const [violation] = statedArchitectureRule("cloudDisk", "localDisk", "instance vm (i-1)");
    expect(violation?.property).to.equal("architecture");
    expect(violation?.reason).to.contain("it is localDisk, from instance vm (i-1)");
  });

  it("refuse a conversion back to localDisk", () => {
    expect(conversionArchitectureRule("localDisk")).to.have.length(1);
    expect(conversionArchitectureRule("cloudDisk")).to.deep.equal([]);
  });

  const images: [string, Architecture[], ImageType, Architecture, boolean][] = [
    ["a localDisk image on a localDisk", ["localDisk"], "system", "localDisk", true],
    ["a localDisk image on a cloudDisk", ["localDisk"], "system", "cloudDisk", false],
    ["a cloudDisk image on a localDisk", ["cloudDisk"], "system", "localDisk", false],
    ["a cloudDisk image on a cloudDisk", ["cloudDisk"], "full", "cloudDisk", true],
    ["an image that offers both on a localDisk", ["localDisk", "cloudDisk"], "system", "localDisk", true],
    ["an image that offers both on a cloudDisk", ["localDisk", "cloudDisk"], "system", "cloudDisk", true],
    ["a data image on a cloudDisk", ["cloudDisk"], "data", "cloudDisk", false],
  ];
  for (const [what, architectures, imageType, disk, serves] of images) {
    it(`${serves ? "allow" : "refuse"} ${what}`, () => {
      expect(servesInstanceRule({ architectures, imageType }, disk, "image web")).to.have.length(
        serves ? 0 : 1,
      );
    });
  }

  it("make volumes of data images only", () => {
    expect(servesVolumeRule({ imageType: "data" }, "image d")).to.deep.equal([]);
    expect(servesVolumeRule({ imageType: "system" }, "image d")).to.have.length(1);
    expect(servesVolumeRule({ imageType: UNKNOWN }, "image d")).to.deep.equal([]);
  });
});
