import { expect } from "chai";
import { inLanes } from "../../../provider/engine/in-lanes";

describe("Work in lanes", () => {
  it("is done on every item, as many at a time as there are lanes", async () => {
    const [begun, ends]: [number[], (() => void)[]] = [[], []];
    const working = inLanes([1, 2, 3, 4, 5], 2, (item) => {
      begun.push(item);
      return new Promise((resolve) => ends.push(resolve));
    });
    const turns = async () => new Promise((resolve) => setImmediate(resolve));
    await turns();
    expect(begun).to.deep.equal([1, 2]);
    ends.splice(1, 1)[0]!();
    await turns();
    expect(begun).to.deep.equal([1, 2, 3]);
    while (ends.length > 0) {
      ends.shift()!();
      await turns();
    }
    await working;
    expect(begun).to.deep.equal([1, 2, 3, 4, 5]);
  });

  it("begins nothing after a failure, which is told when what is under way has ended", async () => {
    const done: number[] = [];
    const failed = await inLanes([1, 2, 3, 4], 2, async (item) => {
      if (item === 1) throw new Error("no");
      await new Promise((resolve) => setImmediate(resolve));
      done.push(item);
    }).catch((error: Error) => error.message);
    expect([failed, done]).to.deep.equal(["no", [2]]);
  });
});
