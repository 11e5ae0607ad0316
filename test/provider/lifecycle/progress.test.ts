import { expect } from "chai";
import { progress } from "../../../provider/lifecycle/progress";

describe("progress", () => {
  it("tells the resource, the work and its share, at most once a second", () => {
    const lines: string[] = [];
    let now = 0;
    const report = progress(
      "golden",
      (line: string) => lines.push(line),
      () => now,
    );
    for (const [at, fraction] of [
      [10, 0.01],
      [1000, 0.404],
      [1500, 0.5],
      [2000, 1],
    ] as const) {
      now = at;
      report("copying the system disk", fraction);
    }
    expect(lines).to.deep.equal([
      "golden: copying the system disk 40 %",
      "golden: copying the system disk 100 %",
    ]);
  });
});
