import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { SENTINEL } from "../../../../provider/lifecycle/inputs";
import type { Properties } from "../../../../provider/lifecycle/lifecycle";
import { itEmbedded } from "../../../support/regions/region-under-test";
import { Stack } from "../stack";
import { golden, rejects, TEAM } from "./golden";

describe("the region of a resource", () => {
  let stack: Stack;
  beforeEach(async () => {
    stack = await Stack.create(TEAM);
  });
  afterEach(() => stack.destroy());

  it("takes region and account from the configuration where the program names none", async () => {
    stack.newRun({ "images:account": "web" });
    const web = await stack.check("Volume", "data", { size: 10 });
    expect(web.inputs).to.deep.include({ region: "local", account: "web" });
    const named = await stack.check("Volume", "data", { size: 10, account: "data" });
    expect(named.inputs).to.deep.include({ account: "data" });
  });

  it("takes the first account of another region where the program names that region only", async () => {
    await stack.applyRegion(`${TEAM}---\nregion: north\naccounts: [{ name: owner }, { name: web }]\n`);
    stack.newRun({ "images:account": "web" });
    const there = await stack.check("Volume", "data", { size: 10, region: "north" });
    expect(there.violations).to.deep.equal([]);
    expect(there.inputs).to.deep.include({ region: "north", account: "owner" });
    const here = await stack.check("Volume", "here", { size: 10, region: "local" });
    expect(here.inputs).to.deep.include({ region: "local", account: "web" });
    const later = await stack.check("Volume", "later", { size: 10, region: SENTINEL });
    expect(later.violations).to.deep.equal([]);
    expect(later.inputs).not.to.have.property("account");
  });

  for (const [config, message] of [
    [{ "images:acount": "web" }, /^images:acount: .* Did you mean images:account\?/],
    [
      { "images:region": "mars" },
      /^images:region: There is no region mars at this endpoint, which serves local/,
    ],
    [{ "images:account": "nobody" }, /^images:account: Region local has no account nobody. Its accounts are/],
    [
      { "images:endpoint": "s3://bucket" },
      /^images:endpoint: The endpoint s3:\/\/bucket is neither a folder/,
    ],
    [{ "images:endpoint": __filename }, /^images:endpoint: .* is a file\. Set images:endpoint to the folder/],
  ] as [Properties, RegExp][]) {
    it(`fails as a whole where the configuration is ${JSON.stringify(config)}`, async () => {
      stack.newRun(config);
      await rejects(stack.check("Volume", "data", { size: 10 }), message);
    });
  }

  itEmbedded("fails where the endpoint that a resource is to be in was never made", async () => {
    const id = await golden(stack);
    const args = { instanceId: stack.state("builder").id };
    stack.newRun({ "images:endpoint": join(stack.folder, "nowhere") });
    await rejects(stack.check("PrivateImage", "golden", args), /nowhere failed: there is none/);
    stack.newRun();
    expect((await stack.check("PrivateImage", "golden", args)).violations).to.deep.equal([]);
    expect(stack.state("golden").id).to.equal(id);
  });

  itEmbedded("calls nothing gone that a wrong endpoint doesn't hold", async () => {
    const id = await golden(stack);
    const { outputs } = stack.state("golden");
    stack.newRun({ "images:endpoint": join(stack.folder, "nowhere") });
    const message = /Looking for the region at .*nowhere failed: there is none\. See images:endpoint/;
    await rejects(stack.read("PrivateImage", id, outputs), message);
    await rejects(stack.lifecycle("PrivateImage").delete(id, outputs), message);
  });

  itEmbedded("doesn't call what it can't read gone", async () => {
    const id = await golden(stack);
    const { outputs } = stack.state("golden");
    await stack.closed();
    await writeFile(join(stack.endpoint, "catalog.db"), "no database".repeat(1000));
    await rm(join(stack.endpoint, "catalog.db-wal"), { force: true });
    await rejects(stack.read("PrivateImage", id, outputs), /./);
  });
});
