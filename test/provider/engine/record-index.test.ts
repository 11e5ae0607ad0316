import { expect } from "chai";
import { RecordIndex } from "../../../provider/engine/record-index";
import { newShare } from "./catalog/records";

describe("An index of records", () => {
  it("counts the shares of a member that it isn't shown, and lists those that it is", async () => {
    const nothing = { images: [], instances: [], volumes: [], exports: [] };
    const share = {
      ...newShare("s-1", "img-1", "partner"),
      createdAt: "2020-01-01T00:00:00.000Z",
      sequence: 1,
    };
    const hiddenShares = [{ region: "local", memberId: "partner", count: 3 }];
    const index = RecordIndex.of({ ...nothing, shares: [share], hiddenShares });
    expect(await index.acceptedShareCount("local", "partner")).to.equal(4);
    expect((await index.sharesWith("local", "partner")).map(({ id }) => id)).to.deep.equal(["s-1"]);
    index.delete("share", "s-1");
    expect(await index.acceptedShareCount("local", "partner")).to.equal(3);
    expect(await index.acceptedShareCount("far", "partner")).to.equal(0);
  });
});
