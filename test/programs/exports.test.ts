import { createHash } from "node:crypto";
import { readFile, readdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect } from "chai";
import type { ExportedObject, ObjectDrift } from "../../sdk";
import { describeForEngines } from "../support/engines";
import {
  describeRefusals,
  expectRefusal,
  expectTakenDown,
  refuse,
  succeeded,
  withProject,
} from "../support/expectations";
import { look, named, resources } from "../support/world";

describeForEngines("an export to a folder", (engine) => {
  const program = (args: string): string => `
    const disk = new Volume("disk", { size: 1 });
    const data = new PrivateImage("data", { volume: disk });
    new ImageExport("backup", { image: data, bucketUrl: "exports/weekly", name: "data", fileFormat: "raw", ${args} });
  `;
  const project = withProject({ program: program("") }, async (made) => {
    succeeded(await engine.run(made, "preview"));
    succeeded(await engine.run(made, "up"));
  });
  const folder = (): string => path.join(project().dir, "exports", "weekly");
  const files = (): Promise<string[]> => readdir(folder());
  const shown = async () =>
    named(await resources(project()), "backup").outputs as unknown as {
      bucketUrl: string;
      objects: ExportedObject[];
      drift: ObjectDrift[];
    };

  it("writes an object a disk, whose size and checksum it shows", async () => {
    const { bucketUrl, objects, drift } = await shown();
    expect(bucketUrl).to.equal("exports/weekly");
    expect(await files()).to.deep.equal(["data-vdb.raw"]);
    const bytes = await readFile(path.join(folder(), "data-vdb.raw"));
    const checksum = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
    expect(objects).to.deep.equal([
      { device: "/dev/vdb", name: "data-vdb.raw", sizeBytes: bytes.length, checksum },
    ]);
    expect(drift).to.deep.equal([]);
  });

  it("changes nothing when run again", async () => {
    succeeded(await engine.run(project(), "up", "--expect-no-changes"));
    succeeded(await engine.run(project(), "refresh", "--expect-no-changes"));
  });

  it("is found by a refresh where an object is gone, and the next up writes that again", async () => {
    const before = await shown();
    await rm(path.join(folder(), "data-vdb.raw"));
    const refreshed = succeeded(await engine.run(project(), "refresh"));
    expect(refreshed.text).to.match(/backup: data-vdb\.raw\s+is\s+gone/);
    expect((await shown()).drift).to.deep.equal([
      { device: "/dev/vdb", name: "data-vdb.raw", found: "gone" },
    ]);
    succeeded(await engine.run(project(), "up"));
    expect(await shown()).to.deep.include({ objects: before.objects, drift: [] });
    expect(await files()).to.deep.equal(["data-vdb.raw"]);
  });

  it("leaves what others have changed, names it, and deletes none of it", async () => {
    const file = path.join(folder(), "data-vdb.raw");
    const written = await readFile(file);
    await writeFile(file, "someone's notes");
    const refreshed = succeeded(await engine.run(project(), "refresh"));
    expect(refreshed.text).to.match(/backup: data-vdb\.raw\s+isn't\s+what\s+was\s+written/);
    expect((await shown()).drift).to.have.lengthOf(1);
    expect((await shown()).drift[0]).to.deep.include({ name: "data-vdb.raw", found: "changed" });
    await project().write({ program: program("deleteObjects: true") });
    succeeded(await engine.run(project(), "up"));
    const refused = await engine.run(project(), "destroy");
    expect(refused.code, refused.text).not.to.equal(0);
    expect(refused.text.replace(/\s+/g, " ")).to.contain("data-vdb.raw isn't what export data");
    expect(await readFile(file, "utf8")).to.equal("someone's notes");
    await writeFile(file, written);
  });

  it("takes exactly its own objects with it, where the program says deleteObjects", async () => {
    await writeFile(path.join(folder(), "other-vdb.raw"), "");
    succeeded(await engine.run(project(), "refresh"));
    await expectTakenDown(engine, project());
    expect(await files()).to.deep.equal(["other-vdb.raw"]);
  });

  it("leaves its objects otherwise, and adopts them when it is made again of the same content", async () => {
    await project().write({ program: program("") });
    succeeded(await engine.run(project(), "up"));
    await expectTakenDown(engine, project());
    expect(await files()).to.have.members(["other-vdb.raw", "data-vdb.raw"]);
    succeeded(await engine.run(project(), "up"));
    expect((await shown()).objects).to.have.lengthOf(1);
  });

  it("overwrites nothing that is there already", async () => {
    await project().write({
      program: `${program("")} new ImageExport("other", { image: data, bucketUrl: "exports/weekly", name: "other", fileFormat: "raw" });`,
    });
    const refused = await engine.run(project(), "up");
    expect(refused.code, refused.text).not.to.equal(0);
    expect(refused.text.replace(/\s+/g, " ")).to.contain("other-vdb.raw").and.to.contain("overwritten");
    expect((await look(project())).records.exports.map(({ name }) => name)).to.deep.equal(["data"]);
    expect(await readFile(path.join(folder(), "other-vdb.raw"), "utf8")).to.equal("");
  });

  it("is refused in the preview where it would write what another export writes", async () => {
    const second = `new ImageExport("second", { image: data, bucketUrl: "exports/weekly", name: "data", fileFormat: "raw" });`;
    expectRefusal(await refuse(engine, project(), { program: `${program("")} ${second}` }), [
      "second",
      "name",
      "nothing is ever overwritten",
    ]);
  });
});

describeRefusals(
  "wrong exports",
  {
    region: "region: local\naccounts: [{ name: default }, { name: friend }]\n",
    program: `
      const golden = new PrivateImage("golden", { instance: vm("builder") });
      const to = { image: golden, bucketUrl: "exports" };
      new ImageExport("to-nowhere", { image: golden });
      new ImageExport("to-ftp", { ...to, bucketUrl: "ftp://host/folder" });
      new ImageExport("to-no-bucket", { ...to, bucketUrl: "s3://" });
      new ImageExport("as-iso", { ...to, fileFormat: "iso" });
      new ImageExport("up-and-away", { ...to, name: "../../etc/passwd" });
      new ImageExport("of-nothing", { bucketUrl: "exports" });
      new ImageExport("of-public", { ...to, image: ubuntu });
      new ImageExport("by-another", { ...to, account: "friend" });
    `,
  },
  [
    ["one to nowhere", "to-nowhere", "bucketUrl", "needs a bucketUrl"],
    ["one to what isn't served", "to-ftp", "bucketUrl", "s3://bucket/prefix"],
    ["one to no bucket", "to-no-bucket", "bucketUrl", "s3://bucket/prefix"],
    ["one of another format", "as-iso", "fileFormat", "It must be one of"],
    ["one out of its folder", "up-and-away", "name", "can't begin the names of objects"],
    ["one of nothing", "of-nothing", "imageId", "State imageId"],
    ["one of a public image", "of-public", "imageId", "only a private image can be exported"],
    ["one of another account's image", "by-another", "imageId", "belongs to account default"],
  ],
);
