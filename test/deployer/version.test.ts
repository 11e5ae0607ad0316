import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { PACKAGE_VERSION } from "../../deployer/version";
import { root } from "../support/paths";

describe("the version", () => {
  it("is the package's", () => {
    const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
    expect(PACKAGE_VERSION).to.equal(version);
  });
});
