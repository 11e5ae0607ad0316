import { expect } from "chai";
import { withoutThrownErrors } from "../../../deployer/plugins/provider-output";

function passed(...lines: string[]): string[] {
  const out: string[] = [];
  const onLine = withoutThrownErrors((line) => out.push(line));
  lines.forEach(onLine);
  return out;
}

describe("a provider's output", () => {
  it("is passed on", () => expect(passed("hello", "    indented")).to.deep.equal(["hello", "    indented"]));

  it("has no errors that the step tells, and none of their stacks", () => {
    expect(passed("Error: boom: Error: boom", "    at x (y:1:2)", "    at z (y:1:2)", "next")).to.deep.equal([
      "next",
    ]);
  });

  it("has no errors whose stack was emptied", () => expect(passed("TypeError: boom: ")).to.deep.equal([]));

  it("keeps other lines about errors", () => {
    expect(passed("Error: something else")).to.deep.equal(["Error: something else"]);
  });
});
