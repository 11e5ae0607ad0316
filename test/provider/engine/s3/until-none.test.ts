import { expect } from "chai";
import { untilNone } from "../../../../provider/engine/s3/until-none";

describe("clearing away what may come back", () => {
  async function times(found: number[]): Promise<number> {
    let looked = 0;
    await untilNone(async () => found[looked++] ?? 0);
    return looked;
  }

  it("looks again where nothing was found the first time", async () => {
    expect(await times([0, 0])).to.equal(2);
  });

  it("ends when nothing has come back", async () => {
    expect(await times([1, 1, 0])).to.equal(3);
    expect(await times([0, 1, 0])).to.equal(3);
  });

  it("ends in any case", async () => {
    expect(await times(Array<number>(100).fill(1))).to.be.lessThan(10);
  });
});
