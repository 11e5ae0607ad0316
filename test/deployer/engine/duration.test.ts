import { expect } from "chai";
import { seconds } from "../../../deployer/engine/duration";

describe("duration", () => {
  const cases: [string | undefined, number | undefined][] = [
    [undefined, undefined],
    ["", undefined],
    ["30s", 30],
    ["5m", 300],
    ["1h30m", 5400],
    ["1.5h", 5400],
    ["250ms", 0.25],
  ];
  for (const [text, expected] of cases) {
    it(`${JSON.stringify(text)} is ${expected} seconds`, () => expect(seconds(text)).to.equal(expected));
  }
  for (const text of ["5", "5 minutes", "m", "-5m"]) {
    it(`"${text}" is refused`, () => expect(() => seconds(text)).to.throw(`"${text}" isn't a duration`));
  }
});
