import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { runImages } from "../../support/engines";
import type { Run } from "../../support/engines";
import { succeeded, withProject } from "../../support/expectations";
import { itEmbedded } from "../../support/regions/region-under-test";

describe("the commands on a project's region", () => {
  const project = withProject({ program: "throw new Error('the program ran')" });
  const run = (...args: string[]): Promise<Run> => runImages(project(), ...args);
  const succeeds = async (...args: string[]): Promise<string> => succeeded(await run(...args)).stdout;
  /** What it says on standard error: one message. */
  const fails = async (...args: string[]): Promise<string> => {
    const { code, text, stderr } = await run(...args);
    expect(code, text).to.be.above(0);
    expect(stderr.match(/^error: /gm), stderr).to.have.length(1);
    return stderr;
  };

  it("shows the account's images and quotas without a program's run", async () => {
    const rows = (await succeeds("list", "--visibility", "public")).trimEnd().split("\n");
    expect(rows[0]).to.match(/^ID +NAME +VISIBILITY/);
    expect(rows).to.have.length.above(10);
    expect(JSON.parse(await succeeds("list", "--json", "--visibility", "private"))).to.deep.equal([]);
    const [names, ...images] = (await succeeds("list", "--csv")).trimEnd().split("\r\n");
    expect(names).to.match(/^id,name,description,/);
    expect(images).to.have.length(rows.length - 1);
    expect(await succeeds("list", "--csv", "--tag", "team=a")).to.equal(`${names}\r\n`);
    expect(await fails("list", "--csv", "--json")).to.match(/cannot be used with/);
    expect(await fails("list", "--tag", "team")).to.match(/<key>=<value>/);
    expect(await succeeds("quotas")).to.match(/private images +0 +5 +5/);
    expect(JSON.parse(await succeeds("quotas", "--json"))).to.deep.include({
      region: "local",
      account: "default",
    });
    expect(await fails("quotas", "--account", "nobody")).to.match(/no account nobody/);
    await succeeds("config", "set", "images:acount", "default");
    expect(await fails("list")).to.match(/images:acount/);
    await succeeds("config", "rm", "images:acount");
  });

  it("draws the account's lineage as text, as Mermaid, or as a page in a file", async () => {
    expect(await succeeds("lineage")).to.match(/private images 0\/5[^]*Nothing is made here yet/);
    expect(await succeeds("lineage", "--format", "mermaid")).to.equal("flowchart LR\n");
    const page = join(project().dir, "lineage.html");
    expect(await succeeds("lineage", "--format", "html", "--out", page)).to.equal("");
    expect(await readFile(page, "utf8")).to.match(/^<!DOCTYPE html>/);
    expect(await fails("lineage", "golden")).to.match(/Nothing with the name or ID "golden"/);
    expect(await fails("lineage", "--out", join(project().dir, "none", "x"))).to.match(/Writing .*none/);
    expect(await fails("lineage", "--format", "pdf")).to.match(/text, mermaid, html/);
  });

  itEmbedded(
    "finds what nothing owns in the region, and removes it where that is asked for and agreed to",
    async () => {
      expect(await succeeds("doctor")).to.equal("Everything is as it should be.\n");
      const disks = join(project().dir, ".images", "disks");
      await mkdir(disks, { recursive: true });
      await writeFile(join(disks, "disk-1.raw"), "");
      const found = await run("doctor");
      expect(found.code).to.equal(1);
      expect(found.stdout).to.match(
        /Disk disk-1 stands in the store, and no record names it[^]*--fix removes 1 of 1/,
      );
      expect(await fails("doctor", "--fix")).to.match(/--yes is needed/);
      expect(await readdir(disks)).to.deep.equal(["disk-1.raw"]);
      const rows = JSON.parse(await succeeds("doctor", "--fix", "--yes", "--json")) as object[];
      expect(rows).to.have.length(1);
      expect(rows[0]).to.deep.include({ ailment: "orphanContent", id: "disk-1", removed: true });
      expect(await readdir(disks)).to.deep.equal([]);
      expect(await succeeds("doctor", "--fix", "--yes")).to.equal("Everything is as it should be.\n");
    },
  );
});
