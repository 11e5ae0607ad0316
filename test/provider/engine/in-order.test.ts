import { setTimeout as wait } from "node:timers/promises";
import { expect } from "chai";
import { mapInOrder } from "../../../provider/engine/in-order";

describe("work on several items at a time", () => {
  async function* numbers(upTo: number, ended?: () => void): AsyncGenerator<number> {
    try {
      for (let number = 0; number < upTo; number++) yield number;
    } finally {
      ended?.();
    }
  }

  it("gives results in the items' order, whichever is done first, and never does more at a time", async () => {
    let [atWork, most] = [0, 0];
    const work = async (number: number) => {
      most = Math.max(most, ++atWork);
      await wait((7 * number) % 5);
      atWork--;
      return number * 2;
    };
    const results: number[] = [];
    for await (const result of mapInOrder(numbers(20), 3, work)) results.push(result);
    expect(results).to.deep.equal(Array.from({ length: 20 }, (_, number) => number * 2));
    expect(most).to.equal(3);
  });

  it("fails when the turn of what failed comes, waits for what is under way, and ends its source", async () => {
    const [seen, done]: number[][] = [[], []];
    let isEnded = false;
    const work = async (number: number) => {
      if (number === 2) throw new Error("the third");
      await wait(number === 3 ? 20 : 5);
      done!.push(number);
      return number;
    };
    const error = await (async () => {
      for await (const result of mapInOrder(
        numbers(20, () => (isEnded = true)),
        3,
        work,
      ))
        seen!.push(result);
    })().catch((e: Error) => e.message);
    expect(error).to.equal("the third");
    expect(seen).to.deep.equal([0, 1]);
    expect(done).to.include.members([0, 1, 3]);
    expect(isEnded).to.equal(true);
  });

  it("ends its source where nobody wants more", async () => {
    let isEnded = false;
    const work = async (number: number) => number;
    for await (const result of mapInOrder(
      numbers(20, () => (isEnded = true)),
      4,
      work,
    )) {
      if (result === 1) break;
    }
    expect(isEnded).to.equal(true);
  });
});
