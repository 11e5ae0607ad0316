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
});
