import { expect } from "chai";
import type { DraftOf } from "../../../../provider/engine/records";
import {
  isExceeded,
  privateImagesRule,
  snapshotsOf,
  snapshotsRule,
} from "../../../../provider/engine/rules/quotas";

function image(id: string, snapshots = 0): DraftOf<"image"> {
  const deviceMappings = Array.from({ length: snapshots }, (_, i) => ({
    device: "/dev/vda",
    kind: "snapshot" as const,
    id: `${id}-${i}`,
    size: 20,
  }));
  return { id, name: `name of ${id}`, deviceMappings } as Partial<DraftOf<"image">> as DraftOf<"image">;
}
const place = { region: "local", account: "default", replacing: false };

describe("the rules of quotas", () => {
  const uses: [string, { used: number; adding: number; limit: number }, boolean][] = [
    ["the last place is taken", { used: 4, adding: 1, limit: 5 }, false],
    ["one more than the last place is wanted", { used: 5, adding: 1, limit: 5 }, true],
    ["nothing is added, though a lowered limit is exceeded already", { used: 7, adding: 0, limit: 5 }, false],
    ["the limit is none at all", { used: 0, adding: 1, limit: 0 }, true],
  ];
  for (const [sentence, figures, exceeded] of uses) {
    it(`${exceeded ? "refuse" : "allow"} where ${sentence}`, () => {
      expect(isExceeded(figures)).to.equal(exceeded);
    });
  }

  it("tell what stands from what is planned", () => {
    const images = [image("img-1"), image("img-2"), image("planned:urn::a"), image("planned:urn::b")];
    const [violation] = privateImagesRule("instanceId", { ...place, limit: 4, used: 4, adding: 1 }, images);
    expect(violation?.reason).to.contain("2 exist and 3 are planned in this run, which makes 5");
  });

  it("name ten holders at most, and count the rest", () => {
    const images = Array.from({ length: 13 }, (_, i) => image(`img-${i}`));
    const [violation] = privateImagesRule("instanceId", { ...place, limit: 13, used: 13, adding: 1 }, images);
    expect(violation?.reason).to.contain("name of img-9 (img-9) and 3 more.");
    expect(violation?.reason).not.to.contain("img-10");
  });

  it("count snapshots by disk and name only the images that hold some", () => {
    const images = [image("img-1", 2), image("img-2", 0)];
    expect(images.map(snapshotsOf)).to.deep.equal([2, 0]);
    const [violation] = snapshotsRule("imageId", { ...place, limit: 2, used: 2, adding: 1 }, images);
    expect(violation?.reason).to.contain("img-1").and.not.to.contain("img-2");
  });

  it("point a replacement to deleteBeforeReplace", () => {
    const facts = { ...place, replacing: true, limit: 1, used: 1, adding: 1 };
    expect(privateImagesRule("instanceId", facts, [image("img-1")])[0]?.reason).to.contain(
      "deleteBeforeReplace: true",
    );
  });
});
