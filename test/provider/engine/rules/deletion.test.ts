import { expect } from "chai";
import type { DraftOf } from "../../../../provider/engine/records";
import { deletableRule, ownerRule } from "../../../../provider/engine/rules/deletion";

const image = { id: "img-1", name: "golden", account: "default", visibility: "private" } as DraftOf<"image">;
const share = { id: "share-1", memberId: "team" } as DraftOf<"share">;
const idle = { conversions: [], exports: [] };
const running = {
  conversions: [{ id: "img-2", name: "cloud" } as DraftOf<"image">],
  exports: [{ id: "exp-1", name: "golden-copy" } as DraftOf<"export">],
};

describe("the rules of deletion", () => {
  it("delete an image that nothing stands in the way of", () => {
    expect(deletableRule(image, [], idle, "refuse")).to.deep.equal([]);
  });

  it("list all that stands in the way", () => {
    const reasons = deletableRule(image, [share], running, "refuse").map(({ reason }) => reason);
    expect(reasons[0]).to.contain("is shared with 1 account: team");
    expect(reasons[1]).to.contain("is being converted, to cloud (img-2)");
    expect(reasons[2]).to.contain("is being exported, by golden-copy (exp-1)");
  });

  it("let shares go with the image where that is settled, but no running conversion or export", () => {
    expect(deletableRule(image, [share], idle, "unshare")).to.deep.equal([]);
    expect(deletableRule(image, [share], running, "unshare")).to.have.length(2);
  });

  it("leave change and deletion to the owner", () => {
    expect(ownerRule("image", image, "default", "delete")).to.deep.equal([]);
    expect(ownerRule("image", image, undefined, "delete")).to.deep.equal([]);
    expect(ownerRule("image", image, "team", "change")[0]?.reason).to.contain("account team can't change it");
  });

  it("delete nothing that is offered to every account", () => {
    const offered = { ...image, visibility: "public", account: undefined } as DraftOf<"image">;
    expect(ownerRule("image", offered, "default", "delete")).to.have.length(1);
  });
});
