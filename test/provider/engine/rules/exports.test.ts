import { expect } from "chai";
import { parseLocation } from "../../../../provider/engine/exports/location";
import type { DraftOf } from "../../../../provider/engine/records";
import { UNKNOWN } from "../../../../provider/engine/requests";
import {
  bucketUrlRule,
  exportableRule,
  formatRule,
  namesOfAnotherRule,
  objectNameRule,
  ownObjectsRule,
} from "../../../../provider/engine/rules/exports";
import type { Violation } from "../../../../provider/engine/violation";

const said = (violations: Violation[]) => violations.map(({ reason }) => reason).join("\n");

const image = {
  id: "img-1",
  name: "golden",
  imageType: "system",
  encrypted: false,
  deviceMappings: [{ device: "/dev/vda", kind: "snapshot", id: "snap-1", size: 3000 }],
} as DraftOf<"image">;

const draft = { id: "exp-1", name: "golden", fileFormat: "raw", imageId: "img-1" } as DraftOf<"export">;

describe("the rules of exports", () => {
  for (const url of [
    "s3://bucket",
    "s3://my.bucket-1/a/b c/",
    "file:///mnt/exports",
    "/mnt/exports",
    UNKNOWN,
  ] as const) {
    it(`let an export go to ${String(url)}`, () => {
      expect(bucketUrlRule(url)).to.deep.equal([]);
    });
  }

  for (const [url, why] of [
    ["", "it is empty"],
    ["exports", "the path isn't absolute"],
    ["https://host/bucket", "exports don't go to https: URLs"],
    ["s3://", "\"\" can't be a bucket's name"],
    ["s3://AB", "\"AB\" can't be a bucket's name"],
    ["s3://a..b", "\"a..b\" can't be a bucket's name"],
    ["s3://10.0.0.1/x", "\"10.0.0.1\" can't be a bucket's name"],
    ["s3://bucket//x", "a part of the prefix is empty, . or .."],
    ["s3://bucket/../x", "a part of the prefix is empty, . or .."],
    ["s3://bucket/x?region=eu", "it holds a query or a fragment"],
    [`s3://bucket/${"x".repeat(513)}`, "the prefix has more than 512 bytes"],
    ["file://host/exports", "a file: URL names a folder of this machine"],
  ] as const) {
    it(`let none go to ${url.slice(0, 30) || "nowhere"}`, () => {
      expect(said(bucketUrlRule(url)))
        .to.contain(why)
        .and.to.contain("State s3://bucket/prefix");
    });
  }

  it("repeat no credentials that stand in a URL", () => {
    expect(said(bucketUrlRule("s3://AKIA:secret@bucket/x"))).not.to.match(/AKIA|secret/);
    expect(said(bucketUrlRule("https://AKIA:secret@bucket/x"))).not.to.match(/AKIA|secret/);
  });

  for (const name of ["golden", "Abbild 7_b.2-c", "x".repeat(200)]) {
    it(`let objects begin with ${name.slice(0, 30)}`, () => {
      expect(objectNameRule(name)).to.deep.equal([]);
    });
  }

  for (const [name, why] of [
    ["", "it is empty"],
    [".hidden", "it begins with ."],
    [" golden", "it begins or ends with a space"],
    ["a/b", 'it holds "/"'],
    ["a\nb", 'it holds "\\n"'],
    ["ü".repeat(101), "it has 202 bytes, and 200 are allowed"],
  ] as const) {
    it(`let none begin with ${JSON.stringify(name.slice(0, 30))}`, () => {
      expect(said(objectNameRule(name))).to.contain(why);
    });
  }

  it("keep encrypted and full images in their region, and say what can be exported instead", () => {
    expect(exportableRule(image)).to.deep.equal([]);
    expect(exportableRule({ ...image, encrypted: UNKNOWN, imageType: UNKNOWN })).to.deep.equal([]);
    expect(said(exportableRule({ ...image, encrypted: true }))).to.contain(
      "ImageReplica of it with encrypted: false",
    );
    expect(said(exportableRule({ ...image, imageType: "full" }))).to.contain("Make system and data images");
  });

  it("refuse a format that can't hold a disk of the image", () => {
    expect(formatRule(image, "raw")).to.deep.equal([]);
    expect(said(formatRule(image, "vhd"))).to.equal(
      "Image golden (img-1) has a disk of 3000 GiB (/dev/vda), and a file of format vhd holds at most 2040 GiB. State another format.",
    );
    expect(formatRule({ ...image, deviceMappings: UNKNOWN }, "vhd")).to.deep.equal([]);
  });

  it("let no two exports write to the same names", () => {
    const where = parseLocation("s3://bucket/x") as { kind: "s3"; bucket: string; prefix: string };
    const other = { ...draft, id: "exp-2" };
    expect(ownObjectsRule(draft, where, [draft], undefined)).to.deep.equal([]);
    expect(said(ownObjectsRule(draft, where, [draft, other], undefined))).to.contain(
      "Export golden (exp-2) writes an object x/golden-vda.raw to bucket bucket too",
    );
    for (const apart of [{ name: "other" }, { fileFormat: "vhd" }] as const) {
      expect(ownObjectsRule(draft, where, [{ ...other, ...apart }], undefined)).to.deep.equal([]);
    }
  });

  it("nor to names of an account's whose exports aren't seen, and says whose", () => {
    const exporter = { region: "north", account: "web" };
    const where = parseLocation("s3://bucket/x") as { kind: "s3"; bucket: string; prefix: string };
    expect(namesOfAnotherRule(draft, where, undefined)).to.deep.equal([]);
    expect(namesOfAnotherRule({ ...draft, name: UNKNOWN }, where, exporter)).to.deep.equal([]);
    expect(said(namesOfAnotherRule(draft, where, exporter))).to.equal(
      "An export of account web in region north writes an object x/golden-vda.raw to bucket bucket too, and nothing is ever overwritten. State another name, or another bucketUrl; or ask that account to delete its export.",
    );
  });

  it("let a replacement take over the objects of the same image, and of no other", () => {
    const where = { kind: "folder", folder: "/exports" } as const;
    const replaced = { ...draft, id: "exp-2" };
    expect(ownObjectsRule(draft, where, [replaced], { id: "exp-2", imageId: "img-1" })).to.deep.equal([]);
    expect(said(ownObjectsRule(draft, where, [replaced], { id: "exp-2", imageId: "img-0" }))).to.contain(
      "Leave name out, whose default holds the image's ID",
    );
  });
});
