import { expect } from "chai";
import { milliseconds } from "../../../../provider/engine/duration";
import { UNKNOWN } from "../../../../provider/engine/requests";
import { timeoutsRule } from "../../../../provider/engine/rules/timeouts";

describe("the rule of timeouts", () => {
  const durations: [string, number | undefined][] = [
    ["90s", 90_000],
    ["30m", 1_800_000],
    ["1h30m", 5_400_000],
    ["1.5h", 5_400_000],
    ["250ms", 250],
    ["0s", 0],
    ["", undefined],
    ["30", undefined],
    ["30 m", undefined],
    ["-5m", undefined],
    ["5 minutes", undefined],
    ["1d", undefined],
  ];
  for (const [text, ms] of durations) {
    it(`takes "${text}" for ${ms === undefined ? "no duration" : `${ms} ms`}`, () => {
      expect(milliseconds(text)).to.equal(ms);
    });
  }

  it("refuses what is no duration, none at all, or longer than can be counted, with property and remedy", () => {
    expect(timeoutsRule({ create: "soon", update: "0s" })).to.deep.equal([
      {
        property: "timeouts.create",
        reason:
          '"soon" isn\'t a duration. Write it like 90s, 30m or 1h30m, or leave timeouts.create out for no limit.',
      },
      {
        property: "timeouts.update",
        reason:
          "0s can't be a limit: it takes more than 0s and at most 576h. State another, or leave timeouts.update out for no limit.",
      },
    ]);
    expect(timeoutsRule({ create: "577h" })).to.have.length(1);
  });

  it("allows durations, what isn't known yet, and none", () => {
    expect(timeoutsRule({ create: "1ms", update: "576h" })).to.deep.equal([]);
    expect(timeoutsRule({ create: UNKNOWN })).to.deep.equal([]);
    expect(timeoutsRule(UNKNOWN)).to.deep.equal([]);
    expect(timeoutsRule(undefined)).to.deep.equal([]);
  });
});
