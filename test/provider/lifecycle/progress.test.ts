import { expect } from "chai";
import { progress } from "../../../provider/lifecycle/progress";

describe("progress", () => {
  it("tells the resource, the work and its share, after a second, a tenth more, or ten seconds", () => {
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
      [1500, 0.9],
      [2000, 0.51],
      [9000, 0.59],
      [12_000, 0.59],
      [12_500, 1],
      [13_000, 1],
    ] as const) {
      now = at;
      report("copying the system disk", fraction);
    }
    expect(lines).to.deep.equal([
      "golden: copying the system disk 40 %",
      "golden: copying the system disk 51 %",
      "golden: copying the system disk 59 %",
      "golden: copying the system disk 100 %",
    ]);
  });
});
