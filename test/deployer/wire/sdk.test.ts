import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "chai";
import { loadSdk } from "../../../deployer/wire/sdk";

describe("sdk", () => {
  let dir: string;
  beforeEach(async () => (dir = await mkdtemp(path.join(tmpdir(), "sdk-"))));
  afterEach(() => rm(dir, { recursive: true }));

  it("is found from the program's folder", () => {
    expect(loadSdk(process.cwd()).version).to.match(/^3\./);
  });

  it("says what to do where there is none", () => {
    expect(() => loadSdk(dir)).to.throw(
      `No @pulumi/pulumi in ${dir}: run "npm install @pulumi/pulumi" there.`,
    );
  });

  for (const version of ["2.25.0", "3.99.9", "4.0.0", "4.0.0-alpha.1"]) {
    it(`refuses version ${version}, which nobody tested`, async () => {
      const sdk = path.join(dir, "node_modules", "@pulumi", "pulumi");
      await mkdir(sdk, { recursive: true });
      await writeFile(path.join(sdk, "package.json"), JSON.stringify({ name: "@pulumi/pulumi", version }));
      expect(() => loadSdk(dir))
        .to.throw(`@pulumi/pulumi ${version}`)
        .with.property("message")
        .that.contains("isn't supported");
    });
  }
});
