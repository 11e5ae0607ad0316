import { expect } from "chai";
import type { ImageType } from "../../../../provider/engine/model";
import type { Maybe } from "../../../../provider/engine/requests";
import { UNKNOWN } from "../../../../provider/engine/requests";
import {
  DATA_DISK,
  diskFileRule,
  diskSizeRule,
  holdsImageRule,
  minDiskRule,
  ramRule,
  SYSTEM_DISK,
} from "../../../../provider/engine/rules/sizes";

describe("the rules of sizes", () => {
  const sizes: [string, Maybe<number>, { min: number; max: number }, boolean][] = [
    ["a system disk of 1 GiB", 1, SYSTEM_DISK, true],
    ["a system disk of 500 GiB", 500, SYSTEM_DISK, true],
    ["a system disk of 501 GiB", 501, SYSTEM_DISK, false],
    ["a system disk of 0 GiB", 0, SYSTEM_DISK, false],
    ["a system disk of 1.5 GiB", 1.5, SYSTEM_DISK, false],
    ["a data disk of 16000 GiB", 16_000, DATA_DISK, true],
    ["a data disk of 16001 GiB", 16_001, DATA_DISK, false],
    ["a size that isn't known yet", UNKNOWN, DATA_DISK, true],
    ["a size that is no number", NaN, DATA_DISK, false],
  ];
  for (const [what, size, range, allowed] of sizes) {
    it(`${allowed ? "allow" : "refuse"} ${what}`, () => {
      expect(diskSizeRule("size", size, range)).to.have.length(allowed ? 0 : 1);
    });
  }

  it("refuse a minDisk below the disk that the image holds", () => {
    const system = { imageType: "system", size: 40 } as const;
    expect(minDiskRule(39, system, "instance vm")[0]?.reason).to.contain(
      "less than the 40 GiB of the system disk of instance vm",
    );
    expect(minDiskRule(40, system, "instance vm")).to.deep.equal([]);
    expect(minDiskRule(1, { ...system, size: UNKNOWN }, "instance vm")).to.deep.equal([]);
    expect(minDiskRule(9, { imageType: "data", size: 10 }, "volume v")[0]?.reason).to.contain(
      "the 10 GiB of the data disk of volume v",
    );
  });

  it("let minDisk be what the disk of the image's type can be", () => {
    const allowed = (imageType: Maybe<ImageType>) =>
      minDiskRule(501, { imageType, size: 40 }, "its source").length === 0;
    expect(["system", "full"].map((type) => allowed(type as ImageType))).to.deep.equal([false, false]);
    expect([allowed("data"), allowed(UNKNOWN)]).to.deep.equal([true, true]);
  });

  it("refuse a minRam above maxRam, and amounts that are none", () => {
    expect(ramRule(1024, 1024)).to.deep.equal([]);
    expect(ramRule(2048, 1024).map(({ property }) => property)).to.deep.equal(["minRam"]);
    expect(ramRule(0, 0.5).map(({ property }) => property)).to.deep.equal(["minRam", "maxRam"]);
    expect(ramRule(UNKNOWN, 1024)).to.deep.equal([]);
  });

  it("refuse a disk file that no system disk could hold", () => {
    const file = { property: "diskFile", path: "/disk.raw" };
    expect(diskFileRule(file, 500, SYSTEM_DISK)).to.deep.equal([]);
    expect(diskFileRule(file, 501, SYSTEM_DISK)[0]).to.include({ property: "diskFile" });
    expect(diskFileRule(file, 501, DATA_DISK)).to.deep.equal([]);
  });

  it("refuse a disk too small for the image, with both sizes", () => {
    expect(holdsImageRule("systemDisk.size", 20, 40, "image web")[0]?.reason).to.contain(
      "20 GiB is too small for image web, which needs 40",
    );
    expect(holdsImageRule("systemDisk.size", 20, UNKNOWN, "image web")).to.deep.equal([]);
  });
});
