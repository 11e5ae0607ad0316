import { expect } from "chai";
import { table } from "../../../deployer/display/table";

describe("a table", () => {
  it("has its columns apart by two spaces, without lines and without spaces at the end", () => {
    const rows = [
      ["img-1", "golden"],
      ["img-22", ""],
    ];
    expect(table(["ID", "NAME"], rows)).to.equal("ID      NAME\nimg-1   golden\nimg-22\n");
  });

  it("shows what a terminal would obey", () => {
    expect(table(["NAME"], [["a\u001b[2J\nb\u202ec"]])).to.equal("NAME\na\\u001b[2J\\u000ab\\u202ec\n");
  });
});
