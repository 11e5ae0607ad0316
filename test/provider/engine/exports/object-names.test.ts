import { expect } from "chai";
import { defaultName, objectName } from "../../../../provider/engine/exports/object-names";

describe("names of exported objects", () => {
  for (const [name, expected] of [
    ["golden", "golden-img-1"],
    ["Ubuntu 16.04 (gold)", "Ubuntu-16.04-gold--img-1"],
    ["..hidden", "hidden-img-1"],
    ["/", "img-1"],
    ["Größe", "Größe-img-1"],
    ["ü".repeat(128), `${"ü".repeat(97)}-img-1`],
  ] as const) {
    it(`begin with ${expected.slice(0, 30)} for an image ${name.slice(0, 30)}`, () => {
      const start = defaultName({ name, id: "img-1" });
      expect(start).to.equal(expected);
      expect(Buffer.byteLength(start)).to.be.at.most(200);
    });
  }

  it("say the device and the format", () => {
    expect(objectName("golden", { device: "/dev/vdb" }, "vhd")).to.equal("golden-vdb.vhd");
  });
});
